package org.mirror4j.device.ptx.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Finding;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.PtxException;

class GlobalMemoryTest {
  private final Findings findings = new Findings();

  private GlobalMemory memory() {
    return new GlobalMemory(CheckLevel.ALL, findings);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 4, 255, 256, 257, 1_000_003})
  void freshMemoryIsAlignedAndNan(long bytes) {
    try (GlobalMemory memory = memory()) {
      Slice block = memory.allocate("block", bytes);
      assertThat(block.address() % 256).isZero();
      assertThat(block.bytes()).isEqualTo(bytes);
      for (long i = 0; i + 4 <= bytes; i += 4) {
        int word = NativeMemory.getWord(block.address() + i);
        assertThat(Float.intBitsToFloat(word)).isNaN();
        assertThat(Float.float16ToFloat((short) word)).isNaN();
        assertThat(Float.intBitsToFloat(word << 16)).isNaN();
      }
    }
    assertThat(findings.list()).isEmpty();
  }

  @Test
  void addressesAreNeverUsedTwice() {
    try (GlobalMemory memory = memory()) {
      Slice first = memory.allocate("first", 1 << 20);
      memory.free(first.address());
      Slice second = memory.allocate("second", 1 << 20);
      assertThat(second.address()).isNotEqualTo(first.address());
      assertThatThrownBy(() -> memory.free(first.address()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("freed before");
      assertThatThrownBy(() -> memory.fill(first.address(), 4, (byte) 0))
          .isInstanceOf(PtxException.class)
          .hasMessage("fill: 4 bytes at byte 0 of 'first' u8[1048576], which was freed");
    }
  }

  @Test
  void copiesMoveBytesAndReportWhatWasNeverWritten() {
    try (GlobalMemory memory = memory();
        Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(100);
      for (int i = 0; i < 100; i++) {
        host.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) i);
      }
      Slice from = memory.allocate("from", 200);
      Slice to = memory.allocate("to", 200);
      memory.upload(from.address() + 33, host);
      memory.copy(to.address(), from.address() + 33, 100);
      MemorySegment back = arena.allocate(100);
      memory.download(to.address(), back);
      assertThat(back.mismatch(host)).isEqualTo(-1);
      assertThat(findings.list()).isEmpty();
      memory.download(to.address() + 1, back);
      assertThat(findings.list())
          .extracting(Object::toString)
          .containsExactly("uninitialised: download: byte 100 of 'to' was never written");
      memory.markWritten(to.address() + 100, 1);
      memory.download(to.address() + 1, back);
      assertThat(findings.toString().lines()).hasSize(1).noneMatch(line -> line.endsWith("times)"));
    }
  }

  @Test
  void hostOperationsStayInsideOneBlock() {
    try (GlobalMemory memory = memory()) {
      Slice block = memory.allocate("block", 100);
      long address = block.address();
      assertThatThrownBy(() -> memory.fill(address + 1, 100, (byte) 0))
          .isInstanceOf(PtxException.class)
          .hasMessageStartingWith("fill: 100 bytes at 0x");
      assertThatThrownBy(() -> memory.slice("s", address - 4, 8, "f32", 4, "[2]"))
          .isInstanceOf(PtxException.class);
      assertThatThrownBy(() -> memory.slice("s", address, 10, "f32", 4, "[2]"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(memory.slice("s", address + 4, 96, "f32", 4, "[24]"))
          .hasToString("'s' f32[24]")
          .extracting(Slice::elements)
          .isEqualTo(24L);
    }
  }

  @Test
  void bytesBesideABlockAreWatched() {
    for (long offset : new long[] {-256, -1, 100, 355}) {
      Findings findings = new Findings();
      GlobalMemory memory = new GlobalMemory(CheckLevel.ALL, findings);
      Slice block = memory.allocate("block", 100);
      NativeMemory.putByte(block.address() + offset, (byte) 0);
      memory.close();
      assertThat(findings.list())
          .as("offset %d", offset)
          .extracting(Finding::check)
          .containsExactly(Check.RED_ZONE);
    }
  }

  /** So that it is found with the operation that did it, not when the memory is given back. */
  @Test
  void whatAHostLibraryWroteBesideABlockIsFoundWhenItSaysWhatItWrote() {
    try (GlobalMemory memory = memory()) {
      Slice block = memory.allocate("block", 100);
      memory.markWritten(block.address(), 100);
      assertThat(findings.list()).isEmpty();
      NativeMemory.putByte(block.address() + 100, (byte) 0);
      memory.markWritten(block.address(), 100);
      assertThat(findings.list())
          .singleElement()
          .asString()
          .startsWith("red zone: bytes beside 'block' u8[100] changed without a kernel");
    }
  }

  @Test
  void allMemoryIsGivenBackAtClose() {
    GlobalMemory memory = memory();
    Slice block = memory.allocate("block", 8);
    memory.close();
    assertThatThrownBy(() -> memory.fill(block.address(), 8, (byte) 0))
        .isInstanceOf(PtxException.class)
        .hasMessageEndingWith("are not inside an allocation");
  }
}
