package org.mirror4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkspaceTest {
  /** Addresses that are multiples of a mebibyte. */
  private static final class Counter implements Allocator {
    final List<Long> held = new ArrayList<>();
    private long next;

    @Override
    public long allocate(long bytes) {
      next += 1 << 20;
      held.add(next);
      return next;
    }

    @Override
    public void free(long address) {
      assertThat(held.remove(address)).as("address %d", address).isTrue();
    }
  }

  @Test
  void lentMemoryIsUsedWhileThereIsRoom() {
    Counter memory = new Counter();
    try (Workspace workspace = new Workspace(memory)) {
      Tensor table = workspace.f32("table", 40, 16);
      Tensor part = table.view("part", 16, Shape.of(36, 16));
      long bytes = workspace.bytes();
      Workspace lending = workspace.lending(part);
      // The part holds bytes 64 to 2368 of the table; buffers start at multiples of 256 bytes.
      assertThat(lending.f32("first", 65).address()).isEqualTo(table.address() + 256);
      assertThat(lending.tensor("second", DType.BF16, Shape.of(10, 64)).address())
          .isEqualTo(table.address() + 768);
      assertThat(workspace.bytes()).isEqualTo(bytes);
      // 320 of the part's bytes are left: not enough for this one, but for the next.
      Tensor large = lending.f32("large", 81);
      assertThat(large.address()).isEqualTo(2 << 20);
      assertThat(workspace.bytes()).isEqualTo(bytes + 512);
      assertThat(lending.f32("last", 64).address()).isEqualTo(table.address() + 2048);
      assertThat(memory.held).hasSize(2);
    }
    assertThat(memory.held).isEmpty();
  }

  @Test
  void countsWhatLentMemoryDoesNotHold() {
    try (Workspace counting = Workspace.counting()) {
      Tensor table = counting.f32("table", 64);
      Workspace lending = counting.lending(table);
      lending.f32("fits", 64);
      assertThat(counting.bytes()).isEqualTo(256);
      lending.f32("does not", 65);
      assertThat(counting.bytes()).isEqualTo(256 + 512);
    }
  }
}
