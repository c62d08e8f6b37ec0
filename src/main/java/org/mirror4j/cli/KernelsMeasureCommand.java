package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.mirror4j.device.Versions;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.file.AtomicFile;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputLock;
import org.mirror4j.research.card.CardBench;
import org.mirror4j.research.card.CardMachine;
import org.mirror4j.research.card.CardPart;
import org.mirror4j.research.card.CardRun;
import org.mirror4j.text.Spelling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kernels measure}: the run on a card, on its own or with parts of another program. */
@Command(
    name = "measure",
    sortOptions = false,
    customSynopsis = "mirror4j kernels measure --output FILE [OPTION...]",
    description = {
      "Measures this machine's card: results against the CPU, ceilings, kernels, epochs.",
      "bench/gpu/README.md describes the file."
    })
public final class KernelsMeasureCommand implements Runnable {
  @Spec private CommandSpec command;

  @Option(names = "--output", paramLabel = "FILE", required = true, description = "JSON to write.")
  private Path target;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "cuda",
      description =
          "cuda, or ptx: the same run on the interpreter, at toy sizes. Default: ${DEFAULT-VALUE}.")
  private String device;

  @Option(
      names = "--skip",
      paramLabel = "PART",
      split = ",",
      description =
          "Parts to leave out: parity, cases, operations, fixtures, ceilings, epoch, kernels.")
  private List<String> skip = List.of();

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "8",
      description = "No measurement begins after that time. Default: ${DEFAULT-VALUE}.")
  private double minutes;

  @Option(
      names = "--fixtures",
      paramLabel = "DIR",
      defaultValue = "src/test/resources/ptx",
      description = "Instruction fixtures. Default: ${DEFAULT-VALUE}.")
  private Path fixtures;

  @Option(
      names = "--lengths",
      paramLabel = "DIR",
      defaultValue = "bench/gpu/lengths",
      description = "Length statistics. Default: ${DEFAULT-VALUE}.")
  private Path lengths;

  @Option(
      names = "--kernels",
      paramLabel = "DIR",
      description = "A folder of kernels that replace those of the same name.")
  private Path kernels;

  @Mixin private OutputOptions output;

  private final List<CardPart> parts;

  /** With the product's own parts. */
  KernelsMeasureCommand() {
    this(List.of());
  }

  /**
   * With further parts after the product's own.
   *
   * @param further of other names
   */
  public KernelsMeasureCommand(List<CardPart> further) {
    parts = Stream.concat(CardRun.PARTS.stream(), further.stream()).toList();
  }

  @Override
  public void run() {
    List<String> names = parts.stream().map(CardPart::name).toList();
    List<String> unknown = new ArrayList<>(skip);
    unknown.removeAll(names);
    if (!unknown.isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "--skip: no part %s, there are %s%s"
              .formatted(unknown.getFirst(), names, Spelling.hint(unknown.getFirst(), names)));
    }
    try (OutputLock _ = OutputLock.of(target)) {
      measure(output.console());
    }
  }

  private void measure(Console console) {
    int threads = Runtime.getRuntime().availableProcessors();
    CardMachine machine = machine();
    CardBench bench =
        new CardBench(
            machine.drivers(threads),
            kernels == null ? KernelLibrary.bundled() : KernelLibrary.with(kernels),
            threads,
            machine.size(),
            fixtures,
            lengths,
            System.nanoTime() + (long) (minutes * 60e9));
    ObjectNode result =
        CardRun.run(
            bench,
            parts,
            Set.copyOf(skip),
            (part, measured) -> {
              // Whatever a library does to the process, what was measured before is kept.
              write(measured);
              console.notice("measuring: " + part);
            });
    result.put("mirror4j", Versions.mirror4j());
    write(result);
    int failures = result.path("failures").asInt();
    console.result(
        "finished",
        JsonFiles.object().put("output", target.toString()).put("failures", failures),
        "%s: %d of %d parts failed".formatted(target, failures, parts.size() - skip.size()));
  }

  private void write(ObjectNode result) {
    try (AtomicFile file = new AtomicFile(target)) {
      file.write(ByteBuffer.wrap(JsonFiles.bytes(result)));
      file.commit();
    }
  }

  private CardMachine machine() {
    return switch (device) {
      case "cuda" -> CardMachine.CUDA;
      case "ptx" -> CardMachine.PTX;
      default ->
          throw new ParameterException(
              command.commandLine(), "--device is %s, expected cuda or ptx".formatted(device));
    };
  }
}
