package org.mirror4j.research;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.file.NpyArray;
import org.mirror4j.tensor.DType;

/**
 * One launch of a kernel that the engine knows nothing of but its header, on the interpreter under
 * all checks.
 *
 * @param scalars all of them, Long for whole numbers and Float for f32
 * @param launch what it cost; empty where the grid is empty or a finding ended the launch
 * @param findings what the checks found wrong, a line each
 * @param warnings what they found that is allowed and mostly a mistake, a line each
 * @param outputs what the kernel wrote, by the names of buffers; none where there are findings
 * @param agreements of what was expected; none where there are findings
 */
public record OwnRun(
    SequencedMap<String, Number> scalars,
    Optional<CountedLaunch> launch,
    List<String> findings,
    List<String> warnings,
    SequencedMap<String, NpyArray> outputs,
    List<Agreement> agreements) {

  /** Bytes that the values of one file may have. */
  public static final long MOST_FILE_BYTES = OwnLaunch.MOST_BYTES;

  /**
   * What a kernel is launched with.
   *
   * @param storage the variant
   * @param inputs of the buffers that are read
   * @param scalars as written; those that the shapes of inputs say may be left out
   * @param expected of buffers that are written
   * @param kept names of further buffers that are written
   * @param tolerance for all that is expected; empty for that of each type
   */
  public record Request(
      DType storage,
      Map<String, NpyArray> inputs,
      Map<String, String> scalars,
      Map<String, NpyArray> expected,
      Collection<String> kept,
      OptionalDouble tolerance) {}

  /** Whether nothing was found and all is as expected. */
  public boolean right() {
    return findings.isEmpty() && agreements.stream().allMatch(Agreement::holds);
  }

  /**
   * Launches the one kernel of a library.
   *
   * @param threads of the interpreter; results do not depend on it
   * @throws KernelException if the header, the text and what is given do not fit together
   * @throws PtxException if the text cannot be read or launched
   */
  public static OwnRun of(KernelLibrary library, Request request, int threads) {
    KernelContract contract = library.all().getFirst().contract();
    OwnLaunch own = new OwnLaunch(contract, request.storage(), request.inputs(), request.scalars());
    own.requireWritten(request.expected().keySet());
    own.requireWritten(request.kept());
    request.expected().forEach(own::requireExpected);
    try (OwnExecution execution = new OwnExecution(library, own, request, threads)) {
      try {
        execution.launch();
        SequencedMap<String, NpyArray> outputs = execution.outputs();
        return new OwnRun(
            own.scalars(),
            execution.counted(),
            List.of(),
            execution.warnings(),
            outputs,
            agreements(contract, request, outputs));
      } catch (PtxException e) {
        if (execution.findings().isEmpty()) {
          throw e;
        }
        return new OwnRun(
            own.scalars(),
            e.finding().isPresent() ? Optional.empty() : execution.counted(),
            execution.findings(),
            execution.warnings(),
            Collections.emptySortedMap(),
            List.of());
      }
    }
  }

  private static List<Agreement> agreements(
      KernelContract contract, Request request, SequencedMap<String, NpyArray> outputs) {
    return contract.buffers().stream()
        .filter(buffer -> request.expected().containsKey(buffer.name()))
        .map(
            buffer ->
                Agreement.of(
                    buffer.name(),
                    buffer.dtype(request.storage()),
                    outputs.get(buffer.name()),
                    request.expected().get(buffer.name()),
                    request.tolerance()))
        .toList();
  }
}
