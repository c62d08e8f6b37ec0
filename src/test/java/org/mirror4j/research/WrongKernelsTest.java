package org.mirror4j.research;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.research.cases.OperationCases;

/** Kernels with one fault each, of which the check must report that fault at that line. */
class WrongKernelsTest {
  private static final String WARNED = "exit_before_barrier";

  private static LaunchMap launches;

  @BeforeAll
  static void watch() {
    launches = LaunchMap.of(OperationCases.all());
  }

  private static Path faults() throws URISyntaxException {
    return Path.of(WrongKernelsTest.class.getResource("/ptx/wrong").toURI());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "contracted_arithmetic | scale | scale.ptx:29: unsupported 'mul.f32'",
        "disagreeing_uniform_branch | partial_sums | non uniform branch: partial_sums.ptx:32"
            + " bra.uni: lanes 0xffff0000 jump and 0x0000ffff do not",
        "divergent_barrier | normalize_rows_forward | barrier: normalize_rows_forward.ptx:50"
            + " bar.sync: lanes 0xfffffffe of the warp are elsewhere",
        "lost_tail | scale | scale.ptx: scale f16 at elements=1, lanes lockstep, blocks forward,"
            + " approximation nominal, engine compiled: x[0] is ",
        "misaligned_vector | gather_rows | misaligned: gather_rows.ptx:40 ld.global.v4.f32: ",
        "missing_barrier | normalize_rows_forward | shared race: normalize_rows_forward.ptx:49"
            + " st.shared.f32: shared[4..7] written, read or written by warp 0, lane 1 with no"
            + " barrier between",
        "narrow_shuffle_mask | normalize_rows_forward | warp mask: normalize_rows_forward.ptx:47"
            + " shfl.sync.bfly.b32: reads lane 17, which does not take part",
        "one_row_too_far | gather_rows | out of bounds: gather_rows.ptx:35 ld.global.u32: 4 bytes"
            + " at rows[1] past the end of 'rows' i32[1]",
        "order_of_blocks | partial_sums | partial_sums.ptx: biasGradient f16 at"
            + " hidden=32,tokens=127, lanes lockstep, blocks reverse, approximation nominal, engine"
            + " reference: d_bias[0] is ",
        "output_not_written | gather_rows | unwritten output: gather_rows.ptx: 1 of 1 elements of"
            + " output y = 'y' f32[1,1] not written: [0]",
        "overrun_into_neighbour | scale | out of bounds: scale.ptx:28 ld.global.v4.f32: 16 bytes at"
            + " x[0..3] past the end of 'x' f32[1]",
        "parameters_exchanged | gather_rows | gather_rows.ptx:1: the entry has the parameters [y,"
            + " x, rows, all, selected, columns], the header says [y, x, rows, selected, all,"
            + " columns]",
        "racing_write_of_blocks | scale | global race: scale.ptx:28 ld.global.v4.f32: x[1020..1023]"
            + " of 'x' f32[1025] read, written by cta 0 in the same launch",
        "racing_write_of_lanes | normalize_rows_forward | shared race:"
            + " normalize_rows_forward.ptx:49 st.shared.f32: shared[0..3] written, read or written"
            + " by warp 0, lane 0 with no barrier between",
        "spill_by_hand | scale | local memory: scale.ptx:30 st.local.v4.f32: 16 bytes at"
            + " local[0..15]: a spill by hand",
        "uninitialised_register | scale | uninitialised: scale.ptx:28 mul.rn.f32: register"
            + " %f_factor is read before it is written",
        "uninitialised_shared_word | normalize_rows_forward | uninitialised:"
            + " normalize_rows_forward.ptx:51 ld.shared.f32: 4 bytes at shared[4..7] were never"
            + " written",
        "write_to_read_only | gather_rows | read only: gather_rows.ptx:41 st.global.f32: 4 bytes at"
            + " x[0], but 'x' f32[1,1] may only be read",
      })
  void isCaught(String fault, String entry, String report) throws URISyntaxException {
    KernelLibrary library = KernelLibrary.with(faults().resolve(fault));
    try (KernelCheck check = new KernelCheck(library, launches)) {
      assertThat(check.check(entry).findings())
          .anySatisfy(finding -> assertThat(finding).startsWith(report));
    }
  }

  /** The instruction set allows it, and on a card the sums are right. */
  @Test
  void exitBeforeABarrierIsAWarning() throws URISyntaxException {
    KernelLibrary library = KernelLibrary.with(faults().resolve(WARNED));
    try (KernelCheck check = new KernelCheck(library, launches)) {
      KernelCheck.Result result = check.check("partial_sums");
      assertThat(result.findings()).isEmpty();
      assertThat(result.runs()).isGreaterThan(3);
      assertThat(result.warnings())
          .allSatisfy(
              warning ->
                  assertThat(warning)
                      .startsWith("exit before barrier: partial_sums.ptx:49 bar.sync: lanes 0x"))
          .isNotEmpty();
    }
  }

  /** So that no fault is in the folder without being tested. */
  @Test
  void everyFaultIsTested() throws IOException, URISyntaxException, NoSuchMethodException {
    String[] rows =
        WrongKernelsTest.class
            .getDeclaredMethod("isCaught", String.class, String.class, String.class)
            .getAnnotation(CsvSource.class)
            .value();
    List<String> tested =
        Stream.concat(Stream.of(rows).map(row -> row.split(" ")[0]), Stream.of(WARNED)).toList();
    try (Stream<Path> folders = Files.list(faults())) {
      assertThat(folders.map(folder -> folder.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(tested);
    }
  }
}
