package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.encode.NpyWriter;
import org.mirror4j.encode.VectorParts;
import org.mirror4j.encode.VectorStream;
import org.mirror4j.encode.VectorType;
import org.mirror4j.file.FileHash;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Vectors in parts, which an interrupted run goes on with and several processes share. */
final class PartOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--part-lines",
      paramLabel = "N",
      description =
          "Write NumPy files of N lines each, part-000000.npy and so on, into the directory DIR of"
              + " --output. A run that was interrupted goes on with the parts that are missing.")
  private Integer lines;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description =
          "With --part-lines: make each N-th part alone, from the I-th on, beside N - 1 other"
              + " processes. The parts are the same as those of one process.")
  private String shard;

  @Option(
      names = "--overwrite",
      description = "With --part-lines: remove parts that were made with other settings.")
  private boolean overwrite;

  /**
   * Whether there are to be parts.
   *
   * @throws ParameterException if the options contradict each other
   */
  boolean isAsked() {
    if (lines == null && (shard != null || overwrite)) {
      throw wrong((shard == null ? "--overwrite" : "--shard") + " is given without --part-lines");
    }
    if (lines != null && lines < 1) {
      throw wrong("--part-lines is " + lines + ", expected at least 1");
    }
    shard(); // one that is none is refused before a model is loaded
    return lines != null;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private VectorParts.Shard shard() {
    try {
      return shard == null ? VectorParts.Shard.ALL : VectorParts.Shard.parse(shard);
    } catch (IllegalArgumentException e) {
      throw wrong("--shard is " + e.getMessage());
    }
  }

  /**
   * Writes the parts that are missing.
   *
   * @param device that computes
   * @param input what the lines come from, for its hash
   * @param model directory, likewise
   * @param settings how vectors are made
   * @return the number of vectors that were written
   */
  long write(
      Device device,
      VectorStream stream,
      int dimensions,
      VectorType type,
      EmbeddingProgress progress,
      Path output,
      Path input,
      Path model,
      ObjectNode settings) {
    ModelDirectory directory = ModelDirectory.open(model);
    // Neither the name of the model nor what only bears on speed changes a byte.
    settings.remove(List.of("model"));
    settings
        .put("modelHash", directory.hash())
        .put("tokenizerHash", directory.tokenizerHash())
        .put("inputHash", FileHash.of(input))
        .put("partLines", lines)
        .put("device", device.name())
        .put("mirror4j", Versions.mirror4j());
    VectorParts parts = new VectorParts(output, settings, shard());
    parts.open(overwrite);
    long written = 0;
    for (long part = 0; stream.hasNext(); part++) {
      if (parts.isWanted(part)) {
        try (NpyWriter writer = new NpyWriter(parts.path(part), dimensions, type, part * lines)) {
          long more = stream.write(writer, lines, progress);
          parts.finish(writer);
          written += more;
          progress.add(more);
        }
      } else {
        stream.skip(lines);
      }
    }
    return written;
  }
}
