package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mirror4j.convert.Pickled.None;
import org.mirror4j.convert.Pickled.Storage;
import org.mirror4j.convert.Pickled.Strided;
import org.mirror4j.convert.Pickled.Tuple;
import org.mirror4j.file.FileException;

class UnpicklerTest {
  @Test
  void plainValues() {
    assertThat(read(new PickleWriter().number(255))).isEqualTo(255L);
    assertThat(read(new PickleWriter().number(65535))).isEqualTo(65535L);
    assertThat(read(new PickleWriter().number(-1))).isEqualTo(-1L);
    assertThat(read(new PickleWriter().number(Long.MIN_VALUE))).isEqualTo(Long.MIN_VALUE);
    assertThat(read(new PickleWriter().code(0x8a, 0))).isEqualTo(0L);
    assertThat(read(new PickleWriter().code(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1)))
        .isEqualTo(BigInteger.TWO.pow(64));
    assertThat(read(new PickleWriter().code('G', 0x3F, 0xF8, 0, 0, 0, 0, 0, 0))).isEqualTo(1.5);
    assertThat(read(new PickleWriter().text("ü"))).isEqualTo("ü");
    assertThat(read(new PickleWriter().code('U', 1, 'a'))).isEqualTo("a");
    assertThat(read(new PickleWriter().code('T').int32(1).code('b'))).isEqualTo("b");
    assertThat(read(new PickleWriter().code('N'))).isEqualTo(None.NONE);
    assertThat(read(new PickleWriter().code(0x88))).isEqualTo(true);
    assertThat(read(new PickleWriter().code(')'))).isEqualTo(new Tuple(List.of()));
    assertThat(read(new PickleWriter().number(1).number(2).number(3).code(0x87)))
        .isEqualTo(new Tuple(List.of(1L, 2L, 3L)));
    assertThat(read(new PickleWriter().number(1).number(2).code(0x86)))
        .isEqualTo(new Tuple(List.of(1L, 2L)));
    assertThat(read(new PickleWriter().number(1).code(0x85))).isEqualTo(new Tuple(List.of(1L)));
    assertThat(read(new PickleWriter().code(']').number(1).code('a', '(').number(2).code('e')))
        .isEqualTo(List.of(1L, 2L));
  }

  @Test
  void dictionariesAndMemory() {
    PickleWriter writer = new PickleWriter().code('}', '(').text("a").code('q', 7);
    writer.number(1).text("b").code('h', 7, 'u').text("c").code('N', 's');
    assertThat(read(writer)).isEqualTo(Map.of("a", 1L, "b", "a", "c", None.NONE));
    PickleWriter pairs = new PickleWriter().global("collections", "OrderedDict").code('(', ']');
    pairs.code('(', ']').text("k").code('a').number(1).code('a');
    pairs.text("l").number(2).code(0x86, 'e', 't', 'R');
    assertThat(read(pairs)).isEqualTo(Map.of("k", 1L, "l", 2L));
    PickleWriter longMemo = new PickleWriter().text("x").code('r').int32(300);
    assertThat(read(longMemo.code('j').int32(300).code(0x86)))
        .isEqualTo(new Tuple(List.of("x", "x")));
  }

  @Test
  void tensors() {
    TorchFile.Entry entry =
        new TorchFile.Entry("w", "HalfStorage", "0", 10, 2, List.of(2L, 3L), List.of(1L, 2L), true);
    assertThat(read(new PickleWriter().stateDict(List.of(entry), false)))
        .isEqualTo(
            Map.of(
                "w",
                new Strided(
                    new Storage("0", StorageType.HALF, 10), 2, List.of(2L, 3L), List.of(1L, 2L))));
  }

  /** As versions of PyTorch that have metadata may write it where there is none. */
  @Test
  void emptyMetadataChangesNothing() {
    Strided tensor =
        new Strided(new Storage("0", StorageType.FLOAT, 4), 0, List.of(4L), List.of(1L));
    assertThat(read(withMetadata(writer -> writer.code('}')))).isEqualTo(tensor);
    assertThat(read(withMetadata(writer -> writer.code('N')))).isEqualTo(tensor);
  }

  /** What makes a pickle dangerous: names of functions, and ways to call them. */
  @Test
  void nothingIsExecuted() {
    expect(
        new PickleWriter().global("posix", "system").code('(').text("id").code('t', 'R'),
        "names 'posix.system', which is not one that tensors need");
    expect(new PickleWriter().global("builtins", "eval"), "names 'builtins.eval'");
    expect(new PickleWriter().global("torch", "load"), "names 'torch.load'");
    expect(new PickleWriter().global("torch.storage", "_load_from_bytes"), "_load_from_bytes");
    expect(
        new PickleWriter().code('(').text("id").code('i'),
        "instruction 0x69 (INST) at byte 10 is not one that tensors need");
    expect(new PickleWriter().code('(', 'o'), "0x6f (OBJ)");
    expect(new PickleWriter().code(0x81), "0x81 (NEWOBJ)");
    expect(new PickleWriter().code(0x93), "0x93 (STACK_GLOBAL)");
    expect(new PickleWriter().code(0x82, 1), "0x82 (EXT1)");
    expect(new PickleWriter().code(0xFE), "instruction 0xfe at byte 2");
    expect(
        new PickleWriter().global("torch", "FloatStorage").code(')', 'R'),
        "calls 'torch.FloatStorage'");
    expect(new PickleWriter().text("f").code(')', 'R'), "calls a string with a tuple of 0");
    expect(
        new PickleWriter().global("collections", "OrderedDict").code('}', 'R'),
        "calls collections.OrderedDict with a dictionary of 0");
    expect(new PickleWriter().code(']', '}', 'b'), "expected a dictionary, found a list of 0");
  }

  @Test
  void brokenStackWorkEndsInOneLine() {
    expect(new PickleWriter(), "ends with 0 values, expected one");
    expect(new PickleWriter().code('N', 'N'), "ends with 2 values");
    expect(new PickleWriter().code('N', '('), "ends with 1 values");
    expect(new PickleWriter().code('a'), "takes a value from an empty stack");
    expect(new PickleWriter().code(0x86), "takes a value from an empty stack");
    expect(new PickleWriter().code('t'), "a mark that was never set");
    expect(new PickleWriter().code(']', '(', 'N', 'N', 0x87), "empty stack");
    expect(new PickleWriter().code('N', 'N', 'a'), "appends to None, expected a list");
    expect(new PickleWriter().code('}', '(', 'N', 'u'), "sets a key without a value");
    expect(new PickleWriter().code('}', '}', 'N', 's'), "has a dictionary of 0 as a key");
    expect(
        new PickleWriter().code('}').text("k").code('N', 's').text("k").code('N', 's'),
        "sets key 'k' twice");
    expect(new PickleWriter().code('h', 3), "recalls value 3, which was never remembered");
    expect(new PickleWriter().code('q', 3), "takes a value from an empty stack");
    expect(new PickleWriter().code(0x80, 9), "protocol is 9");
    expect(new PickleWriter().code('X').int32(-1), "needs 4294967295 bytes, but 1 are left");
    expect(new PickleWriter().code('M'), "needs 2 bytes");
  }

  @Test
  void storagesAndTensorsThatLieEndInOneLine() {
    expect(new PickleWriter().text("x").code('Q'), "refers to a string, expected ('storage'");
    expect(new PickleWriter().storage("FloatStorage", "0", -1, false), "refers to a tuple of 5");
    PickleWriter twice = new PickleWriter().storage("FloatStorage", "0", 1, false);
    expect(twice.storage("FloatStorage", "0", 2, false), "describes storage '0' in two ways");
    expect(tensor(4, 0, List.of(5L), List.of(1L)), "reaches out of storage '0' of 4");
    expect(tensor(4, 1, List.of(4L), List.of(1L)), "reaches out of storage");
    expect(tensor(4, -1, List.of(1L), List.of(1L)), "reaches out of storage");
    expect(tensor(4, 0, List.of(2L, 2L), List.of(3L, 1L)), "reaches out of storage");
    expect(tensor(4, 0, List.of(-1L), List.of(1L)), "size or stride the number -1");
    expect(tensor(4, 0, List.of(2L), List.of(-1L)), "size or stride the number -1");
    expect(tensor(4, 0, List.of(1L << 31), List.of(0L)), "size or stride the number 2147483648");
    expect(tensor(4, 0, List.of(2L), List.of()), "as many strides");
    Long most = (long) Integer.MAX_VALUE;
    expect(
        tensor(Long.MAX_VALUE, Long.MAX_VALUE - 1, List.of(most, most), List.of(most, most)),
        "reaches out of storage");
    expect(
        withMetadata(writer -> writer.code('}').text("neg").code(0x88, 's')),
        "makes a tensor with a dictionary of 1 of metadata, expected none");
    PickleWriter parameter = new PickleWriter().global("torch._utils", "_rebuild_parameter");
    expect(parameter.code('N', 0x85, 'R'), "makes a parameter of something that is not a tensor");
  }

  @Test
  void sizesAreBounded() {
    PickleWriter nested = new PickleWriter();
    nested.code(repeat('(', 257));
    expect(nested, "nested deeper than 256");
    expect(new PickleWriter().code(repeat('}', (1 << 20) + 1)), "more than 1048576 steps");
    expect(new PickleWriter().code('c').code(repeat('a', 300)), "names a class longer than 256");
    // A list that contains itself must not send anything into a loop.
    PickleWriter itself = new PickleWriter().code(']', 'q', 0, 'h', 0, 'a', 'Q');
    expect(itself, "refers to a list of 1");
  }

  /**
   * Few bytes that ask for much: values are recalled and put into containers again and again, with
   * results kept or thrown away.
   */
  @Test
  @Timeout(20)
  void workIsBounded() {
    String most = "takes more than 1048576 steps, expected the tensors of a model";
    PickleWriter pairs = new PickleWriter().global("collections", "OrderedDict").code('q', 0);
    pairs.code(']', '(');
    for (int i = 0; i < 20_000; i++) {
      pairs.number(i).number(1).code(0x86);
    }
    pairs.code('e', 0x85, 'q', 1, '(');
    for (int i = 0; i < 1000; i++) {
      pairs.code('h', 0, 'h', 1, 'R');
    }
    expect(pairs, most);

    PickleWriter memo = new PickleWriter().code('N');
    for (int i = 0; i < 600_000; i++) {
      memo.code('r').int32(i);
    }
    for (int i = 0; i < 600_000; i++) {
      memo.code('j').int32(i);
    }
    expect(memo, most);

    // Nothing grows, but it does not end: each list is taken by the one before.
    expect(new PickleWriter().code(']').code(repeat(new int[] {'(', 'N', 'e'}, 400_000)), most);
    expect(new PickleWriter().text("x".repeat(4097)), "has a text of 4097 bytes, expected at most");
  }

  @Test
  void dimensionsAreBounded() {
    List<Long> ones = Collections.nCopies(17, 1L);
    expect(tensor(4, 0, ones, ones), "has a tensor of 17 dimensions, expected at most 16");
  }

  /** The call that makes a tensor, with a seventh argument. */
  private static PickleWriter withMetadata(UnaryOperator<PickleWriter> metadata) {
    PickleWriter call = new PickleWriter().global("torch._utils", "_rebuild_tensor_v2").code('(');
    call.storage("FloatStorage", "0", 4, false);
    call.number(0).numbers(List.of(4L)).numbers(List.of(1L)).code(0x89).orderedDict();
    return metadata.apply(call).code('t', 'R');
  }

  private static int[] repeat(int[] codes, int times) {
    int[] repeated = new int[codes.length * times];
    for (int i = 0; i < repeated.length; i++) {
      repeated[i] = codes[i % codes.length];
    }
    return repeated;
  }

  private static PickleWriter tensor(long length, long offset, List<Long> size, List<Long> stride) {
    return new PickleWriter()
        .tensor(
            new TorchFile.Entry("w", "FloatStorage", "0", length, offset, size, stride, false),
            false);
  }

  private static int[] repeat(int code, int times) {
    int[] codes = new int[times];
    Arrays.fill(codes, code);
    return codes;
  }

  private static Object read(PickleWriter writer) {
    return new Unpickler(MemorySegment.ofArray(writer.stop()), "file").read();
  }

  private static void expect(PickleWriter writer, String expected) {
    assertThatThrownBy(() -> read(writer))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith("file: pickle: ")
        .hasMessageContaining(expected)
        .message()
        .doesNotContain("\n");
  }
}
