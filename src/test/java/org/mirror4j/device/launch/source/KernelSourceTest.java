package org.mirror4j.device.launch.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.launch.source.KernelContract.Access;
import org.mirror4j.device.launch.source.KernelContract.Buffer;
import org.mirror4j.tensor.DType;

class KernelSourceTest {
  private static final String HEADER =
      """
      // double.ptx
      //   y = 2 x
      //   for every row
      // storage   f32 f16 bf16
      // buffers   out y storage[rows, max(1, columns)]
      //           in x storage[rows, columns]
      //           inout total f32[1]
      // alias     y = x
      // scalars   rows u32,
      //           columns u32, factor f32
      // launch    grid ceil(rows * columns / 1024), block 256, shared 4 * S
      // traffic   2 * S * rows
      //           * columns
      // numerics  exact
      """;

  private static final String BODY =
      """
      .target sm_75
      .visible .entry double_STORAGE(.param .u64 y)
      """;

  private static KernelSource source(String body) {
    return KernelSource.parse("double.ptx", HEADER + BODY + body);
  }

  private static String line(String body, DType storage) {
    return source(body + "\n").ptx(storage).lines().reduce((a, b) -> b).orElseThrow();
  }

  /** Two blanks are enough, what is deeper stays so, and an empty line ends nothing. */
  @Test
  void theFormulaIsAllBeforeTheFirstKeyword() {
    String header =
        HEADER.replace("//   y = 2 x\n//   for", "//  y = 2 x,\n//\n//    twice x\n//  for");
    assertThat(KernelSource.parse("double.ptx", header + BODY).contract().formula())
        .isEqualTo("y = 2 x,\n\n  twice x\nfor every row");
  }

  @Test
  void readsTheHeader() {
    KernelContract contract = source("").contract();
    assertThat(contract.entry()).isEqualTo("double");
    assertThat(contract.formula()).isEqualTo("y = 2 x\nfor every row");
    assertThat(contract.storages()).containsExactly(DType.F32, DType.F16, DType.BF16);
    assertThat(contract.buffers()).extracting(Buffer::name).containsExactly("y", "x", "total");
    assertThat(contract.buffers())
        .extracting(Buffer::access)
        .containsExactly(Access.OUT, Access.IN, Access.INOUT);
    assertThat(contract.aliases()).containsExactly(new KernelContract.Alias("y", "x"));
    assertThat(contract.scalars())
        .extracting(KernelContract.Scalar::name)
        .containsExactly("rows", "columns", "factor");
    long[] values = contract.values(DType.F16);
    values[0] = 100;
    values[1] = 33;
    assertThat(contract.grid().evaluate(values)).isEqualTo(4);
    assertThat(contract.block().evaluate(values)).isEqualTo(256);
    assertThat(contract.shared().evaluate(values)).isEqualTo(8);
    assertThat(contract.traffic().evaluate(values)).isEqualTo(2 * 2 * 100 * 33);
    assertThat(contract.buffers().getFirst().elements(values)).isEqualTo(3300);
    assertThat(contract.buffers().getFirst().dtype(DType.F16)).isEqualTo(DType.F16);
    assertThat(contract.buffers().getLast().dtype(DType.F16)).isEqualTo(DType.F32);
    assertThat(contract.entry(DType.BF16)).isEqualTo("double_bf16");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          // double.ptx | // single.ptx | double.ptx:1: expected the line '// double.ptx'
          f32 f16 bf16 | f32 f64       | double.ptx:4: storage 'f64', expected f32, f16 or bf16
          out y        | output y      | double.ptx:5: buffer 'output y storage[rows, max(1, columns)]'
          f32[1]       | f32[n]        | double.ptx:7: formula 'n' has 'n', expected a number or one of
          y = x        | y = z         | double.ptx:8: alias 'y = z', expected two buffers
          factor f32   | factor        | double.ptx:10: scalar 'factor', expected a name and a type
          block 256,   | threads 256   | double.ptx:11: expected 'launch grid ..., block ..., shared ...'
          shared 4 * S | shared factor | double.ptx:11: formula 'factor' has 'factor', expected a number or one of [rows, columns, S]
          columns u32, | rows u32,     | double.ptx:10: parameter 'rows', expected another name: there is one
          in x storage | in y storage  | double.ptx:6: parameter 'y', expected another name: there is one
          inout total  | inout columns | double.ptx:7: parameter 'columns', expected another name: there is one
          factor f32   | S u32         | double.ptx:10: parameter 'S', expected another name: there is one
          // traffic   | // bytes      | double.ptx:12: '// bytes   2 * S * rows' is neither a keyword
          // numerics  | // launch     | double.ptx:14: a second line 'launch'
          """)
  void refuses(String written, String instead, String message) {
    assertThatThrownBy(
            () -> KernelSource.parse("double.ptx", HEADER.replace(written, instead) + BODY))
        .isInstanceOf(KernelException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void keepsTheLinesOfTheText() {
    String body =
        """
        ld.global.v4.storage {%f_a,%f_b,%f_c,%f_d}, [%rd_x];
        // ld.global.storage is not replaced here
        @%p_in st.global.row4.storage [%rd_y+32], {%f_a,%f_b,%f_c,%f_d}, %r_left;
        """;
    List<String> written = source(body).text().lines().toList();
    for (DType storage : List.of(DType.F32, DType.F16, DType.BF16)) {
      List<String> expanded = source(body).ptx(storage).lines().toList();
      assertThat(expanded).hasSameSizeAs(written);
      assertThat(expanded.get(written.size() - 2)).isEqualTo(written.get(written.size() - 2));
      assertThat(String.join("\n", expanded.subList(14, expanded.size())))
          .contains("double_" + storage.label() + "(");
    }
  }

  @Test
  void bfloat16NeedsALaterCard() {
    assertThat(source("").ptx(DType.F16)).contains(".target sm_75");
    assertThat(source("").ptx(DType.BF16)).contains(".target sm_80");
  }

  @Test
  void replacesSingleAccesses() {
    assertThat(line("ld.global.storage %f_x, [%rd_x+6];", DType.F32))
        .isEqualTo("ld.global.f32 %f_x, [%rd_x+6];");
    assertThat(line("@!%p ld.global.storage %f_x, [%rd_x];", DType.F16))
        .contains("@!%p ld.global.b16 %half_h, [%rd_x];")
        .contains("@!%p cvt.f32.f16 %f_x, %half_h;");
    assertThat(line("st.global.storage [%rd_x], %f_x;", DType.BF16))
        .contains("cvt.rn.bf16.f32 %half_h, %f_x; st.global.b16 [%rd_x], %half_h;");
    assertThat(line("mul.wide.u32 %rd_a, %r_i, STORAGE_BYTES;", DType.BF16))
        .isEqualTo("mul.wide.u32 %rd_a, %r_i, 2;");
  }

  @Test
  void roundsToStorageAndBack() {
    assertThat(line("cvt.storage %f_y, %f_x;", DType.F32)).isEqualTo("mov.f32 %f_y, %f_x;");
    assertThat(line("cvt.storage %f_y, %f_x;", DType.F16))
        .contains("cvt.rn.f16.f32 %half_h, %f_x; cvt.f32.f16 %f_y, %half_h;");
    assertThat(line("cvt.storage %f_y, %f_x;", DType.BF16))
        .contains("cvt.rn.bf16.f32 %half_h, %f_x; cvt.u32.u16 %half_r, %half_h;")
        .contains("shl.b32 %half_r, %half_r, 16; mov.b32 %f_y, %half_r;");
  }

  @Test
  void wordsHaveTheFirstValueBelow() {
    assertThat(line("cvt.pack.storage %r_w, %f_a, %f_b;", DType.F16))
        .contains("cvt.rn.f16.f32 %half_l, %f_a; cvt.rn.f16.f32 %half_h, %f_b;")
        .contains("mov.b32 %r_w, {%half_l,%half_h};");
    assertThat(line("cvt.pack.storage %r_w, %f_a, %f_b;", DType.BF16))
        .isEqualTo("cvt.rn.bf16x2.f32 %r_w, %f_b, %f_a;");
    assertThat(line("cvt.unpack.storage %f_a, %f_b, %r_w;", DType.F16))
        .contains("cvt.f32.f16 %f_a, %half_l; cvt.f32.f16 %f_b, %half_h;");
    assertThat(line("cvt.unpack.storage %f_a, %f_b, %r_w;", DType.BF16))
        .contains("shl.b32 %half_r, %r_w, 16; mov.b32 %f_a, %half_r;")
        .contains("and.b32 %half_r, %r_w, 0xffff0000; mov.b32 %f_b, %half_r;");
  }

  /** Turing's products have half the depth. */
  @Test
  void productsOfTensorCoresAreOneOrTwo() {
    String written = "mma.storage {%s0,%s1,%s2,%s3}, {%a0,%a1,%a2,%a3}, {%b0,%b1};";
    assertThat(line(written, DType.F16))
        .isEqualTo(
            "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 "
                + "{%s0,%s1,%s2,%s3}, {%a0,%a1}, {%b0}, {%s0,%s1,%s2,%s3}; "
                + "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 "
                + "{%s0,%s1,%s2,%s3}, {%a2,%a3}, {%b1}, {%s0,%s1,%s2,%s3};");
    assertThat(line(written, DType.BF16))
        .isEqualTo(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
                + "{%s0,%s1,%s2,%s3}, {%a0,%a1,%a2,%a3}, {%b0,%b1}, {%s0,%s1,%s2,%s3};");
    assertThatThrownBy(() -> line(written, DType.F32))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("is of half precision, expected no f32 variant");
    assertThatThrownBy(() -> line(written.replace(",%b1", ""), DType.F16))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("names 4, 4 and 1 registers, expected 4, 4 and 2");
  }

  @Test
  void addressesCountElements() {
    String written = "ld.global.storage %f_x, [%rd_x+32*STORAGE_BYTES];";
    assertThat(line(written, DType.F32)).isEqualTo("ld.global.f32 %f_x, [%rd_x+128];");
    assertThat(line(written, DType.BF16)).contains("ld.global.b16 %half_h, [%rd_x+64];");
  }

  /** A conversion under a guard would keep its registers alive around every loop. */
  @Test
  void nothingButTheAccessToARowIsGuarded() {
    for (DType storage : List.of(DType.F16, DType.BF16)) {
      for (String ptx :
          List.of(
              line("ld.global.row4.storage {%fa,%fb,%fc,%fd}, [%rd], %r_left;", storage),
              line("st.global.row4.storage [%rd], {%fa,%fb,%fc,%fd}, %r_left;", storage))) {
        assertThat(ptx.split("@%row4_p ")).hasSize(1 + 1 + 4);
        assertThat(ptx).doesNotContainPattern("@%row4_p (?!(ld|st)\\.global)");
      }
    }
  }

  @Test
  void leavesPlainPtxAlone() {
    for (String ptx :
        List.of(
            "ld.global.f32 %f_x, [%rd_x];",
            "st.global.v4.f32 [%rd_x], {%f_a,%f_b,%f_c,%f_d};",
            "ld.shared.v4.f32 {%f_a,%f_b,%f_c,%f_d}, [%r_s];")) {
      assertThat(line(ptx, DType.F16)).isEqualTo(ptx);
    }
  }

  /** Elements 0 to 3 of a row are accessed at consecutive addresses, each if so many are left. */
  @Test
  void rowsAreAccessedElementByElementWhereNotWhole() {
    for (DType storage : List.of(DType.F32, DType.F16, DType.BF16)) {
      String ptx = line("ld.global.row4.storage {%fa,%fb,%fc,%fd}, [%rd+8], %r_left;", storage);
      Matcher single =
          Pattern.compile(
                  "setp\\.gt\\.and\\.s32 %row4_p, %r_left, (\\d), !%p_vector; "
                      + "(?:mov\\.b16 %half_h\\d, 0; )?"
                      + "@%row4_p ld\\.global\\.(?:f32|b16) %\\w+, \\[%rd\\+(\\d+)]")
              .matcher(ptx);
      for (int i = 0; i < 4; i++) {
        assertThat(single.find()).isTrue();
        assertThat(single.group(1)).isEqualTo(Integer.toString(i));
        assertThat(single.group(2)).isEqualTo(Integer.toString(8 + i * storage.bytes()));
      }
      assertThat(single.find()).isFalse();
      assertThat(ptx)
          .containsOnlyOnce("%r_left, 0, %p_vector; @%row4_p ld.global.v")
          .doesNotContain("bra");
    }
  }

  /** Only the access itself is under the guard: where it does not hold, zeros are converted. */
  @Test
  void guardedRows() {
    String values = "{%fa,%fb,%fc,%fd}";
    assertThat(line("@%p_in ld.global.row4.f32 " + values + ", [%rd], %r_left;", DType.F32))
        .contains("and.pred %row4_v, %p_vector, %p_in;")
        .contains("not.pred %row4_s, %p_vector; and.pred %row4_s, %row4_s, %p_in;")
        .contains("setp.gt.and.s32 %row4_p, %r_left, 0, %row4_v; @%row4_p ld.global.v4.f32")
        .contains("setp.gt.and.s32 %row4_p, %r_left, 3, %row4_s; @%row4_p ld.global.f32 %fd")
        .contains("mov.f32 %fd, 0f00000000;");
    assertThat(line("@!%p_in st.global.row4.storage [%rd], " + values + ", %r_left;", DType.F16))
        .contains("not.pred %row4_p, %p_in; and.pred %row4_v, %p_vector, %row4_p;")
        .contains("not.pred %row4_s, %p_vector; and.pred %row4_s, %row4_s, %row4_p;")
        .contains(" cvt.rn.f16.f32 %half_h3, %fd;")
        .contains("@%row4_p st.global.v2.b32 [%rd], {%half_r0,%half_r1};");
  }

  @Test
  void repeatsLines() {
    assertThat(line("#3 add.rn.f32 %f_x#, %f_y<4#>, %f_y<4#+3>; // each", DType.F32))
        .isEqualTo(
            " add.rn.f32 %f_x0, %f_y0, %f_y3; add.rn.f32 %f_x1, %f_y4, %f_y7;"
                + " add.rn.f32 %f_x2, %f_y8, %f_y11;// each");
    assertThat(line("#2 ld.global.storage %f_x#, [%rd+<128#>*STORAGE_BYTES];", DType.F16))
        .contains("ld.global.b16 %half_h, [%rd];", "ld.global.b16 %half_h, [%rd+256];");
    assertThat(line(".maxnreg 32*STORAGE_BYTES", DType.BF16)).isEqualTo(".maxnreg 64");
  }

  @Test
  void linesGoOnInTheNext() {
    String written = "#2 mov.u32 %r_a#, 1;   \\ // first\n    mov.u32 %r_b#, 2;\nret;\n";
    List<String> expanded = source(written).ptx(DType.F32).lines().toList();
    assertThat(expanded.subList(expanded.size() - 3, expanded.size()))
        .containsExactly(
            "// first",
            " mov.u32 %r_a0, 1;       mov.u32 %r_b0, 2; mov.u32 %r_a1, 1;       mov.u32 %r_b1, 2;",
            "ret;");
    assertThatThrownBy(() -> source("ret; \\\n").ptx(DType.F32))
        .hasMessage("double.ptx:17: goes on in a next line, and there is none");
  }

  /** All loads of the line before anything that needs one of them, under one branch. */
  @Test
  void wordsOfALineAreLoadedTogether() {
    String written =
        "#2 ld.global.row4.storage.words {%fa#,%fb#,%fc#,%fd#}, [%rd], %r_left-<128#>;";
    String ptx = line(written, DType.F16);
    assertThat(ptx)
        .contains("@!%p_vector bra.uni SINGLES_17;")
        .contains("setp.gt.s32 %row4_p, %r_left, 0; @%row4_p ld.global.v2.b32 {%fa0,%fb0}, [%rd];")
        .contains("setp.gt.s32 %row4_p, %r_left, 128; @%row4_p ld.global.v2.b32 {%fa1,%fb1}")
        .contains("setp.gt.s32 %row4_p, %r_left, 131; @%row4_p ld.global.b16 %row4_h3, [%rd+6];")
        .contains("mov.b32 %fb1, {%row4_h2,%row4_h3};")
        .doesNotContain("cvt");
    assertThat(ptx.split("bra.uni")).hasSize(1 + 2);
    assertThat(line(written, DType.F32))
        .contains("mov.b32 %fd1, 0;")
        .contains("@%row4_p ld.global.v4.b32 {%fa1,%fb1,%fc1,%fd1}, [%rd];")
        .contains("setp.gt.s32 %row4_p, %r_left, 129; @%row4_p ld.global.b32 %fb1, [%rd+4];");
    String store = "@%p st.global.row4.storage.words [%rd+8], {%fa,%fb,%fc,%fd}, %r_left;";
    assertThat(line(store, DType.BF16))
        .contains(
            "setp.gt.and.s32 %row4_p, %r_left, 0, %p; @%row4_p st.global.v2.b32 [%rd+8], {%fa")
        .contains("mov.b32 {%row4_h2,%row4_h3}, %fb;")
        .contains("setp.gt.and.s32 %row4_p, %r_left, 3, %p; @%row4_p st.global.b16 [%rd+14], ");
  }

  /** In place: no value is written before the word in its register was read. */
  @Test
  void wordsAndValuesShareRegisters() {
    assertThat(line("cvt.row4.storage {%fa,%fb,%fc,%fd};", DType.F32)).isEmpty();
    assertThat(line("cvt.row4.words {%fa,%fb,%fc,%fd};", DType.F32)).isEmpty();
    assertThat(line("cvt.row4.storage {%fa,%fb,%fc,%fd};", DType.F16))
        .containsSubsequence(
            "%half_r, %fb;",
            "cvt.f32.f16 %fc,",
            "cvt.f32.f16 %fd,",
            "%half_r, %fa;",
            "cvt.f32.f16 %fa,",
            "cvt.f32.f16 %fb,");
    assertThat(line("cvt.row4.words {%fa,%fb,%fc,%fd};", DType.BF16))
        .containsSubsequence(
            "bf16x2.f32 %half_r, %fb, %fa;",
            "%fa, %half_r;", "bf16x2.f32 %half_r, %fd, %fc;", "%fb, %half_r;");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ld.global.v4.storage.words {%fa,%fb,%fc,%fd}, [%rd]; | has '.words', expected row4
          ld.global.row4.f32 {%fa,%fb,%fc,%fd}, [%rd], 4;  | does not say how many elements are left
          ld.global.v4.storage {%fa,%fb}, [%rd];           | names 2 registers, expected 4
          ld.global.storage %fa, [%rd - 4];                | expected [register+number]
          ld.global.storage %fa;                           | has no address or no registers
          ld.global.row4.f32 {%fa,%fb,%fc,%fd}, [%rd];     | does not say how many elements are left
          st.global.storage [%rd], %fa, %r_left;           | has ', %r_left' after its operands
          """)
  void refusesAccesses(String body, String message) {
    assertThatThrownBy(() -> source(body).ptx(DType.F16))
        .isInstanceOf(KernelException.class)
        .hasMessageStartingWith("double.ptx:17: ")
        .hasMessageContaining(message);
  }

  @Test
  void thereIsNoVariantForIntegers() {
    assertThatThrownBy(() -> source("").ptx(DType.I32))
        .hasMessage("double: no variant for i32, there are [F32, F16, BF16]");
  }

  @Test
  void aFolderReplacesKernelsOfTheBuild(@TempDir Path folder) throws IOException {
    KernelSource bundled = KernelLibrary.bundled().get("scale");
    String changed = bundled.text().replace("one mul.rn", "a single mul.rn");
    Files.writeString(folder.resolve("scale.ptx"), changed);
    KernelLibrary library = KernelLibrary.with(folder);
    assertThat(library.get("scale").text()).isEqualTo(changed).isNotEqualTo(bundled.text());
    assertThat(library.all()).hasSameSizeAs(KernelLibrary.bundled().all());
    assertThatThrownBy(() -> library.get("no_such")).hasMessageContaining("no kernel no_such");
  }

  @Test
  void aFolderWithoutKernelsIsRefused(@TempDir Path folder) {
    assertThatThrownBy(() -> KernelLibrary.with(folder)).hasMessageContaining("no .ptx file");
    assertThatThrownBy(() -> KernelLibrary.with(folder.resolve("none")))
        .hasMessageContaining("cannot be read as a folder of kernels");
  }
}
