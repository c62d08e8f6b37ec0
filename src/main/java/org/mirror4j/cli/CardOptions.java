package org.mirror4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.research.GpuFile;
import org.mirror4j.text.Spelling;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Cards that bounds are told for. */
final class CardOptions {
  static final String NAMES = "rtx2080ti, rtx3090, rtx4090, a100, h100, h200";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--gpu",
      paramLabel = "NAME|FILE",
      split = ",",
      description =
          "Cards whose bounds are shown: "
              + NAMES
              + ", or JSON files that describe others, see kernels/README.md. Default: all that"
              + " have a name.")
  private List<String> cards = List.of();

  /** The cards. */
  List<Gpu> gpus() {
    if (cards.isEmpty()) {
      return Gpu.ALL;
    }
    List<Gpu> gpus = cards.stream().map(card -> gpu(card, command)).toList();
    Set<String> names = new HashSet<>();
    for (Gpu gpu : gpus) {
      if (!names.add(gpu.name())) {
        throw new ParameterException(
            command.commandLine(),
            "--gpu has two cards called %s, expected a name for each".formatted(gpu.name()));
      }
    }
    return gpus;
  }

  /**
   * A card.
   *
   * @param card its name, or a file that describes it
   */
  static Gpu gpu(String card, CommandSpec command) {
    List<String> labels = Gpu.ALL.stream().map(Gpu::label).toList();
    if (labels.contains(card)) {
      return Gpu.ALL.get(labels.indexOf(card));
    }
    Path file = Path.of(card);
    if (card.endsWith(".json") || Files.exists(file)) {
      return GpuFile.read(file);
    }
    throw new ParameterException(
        command.commandLine(),
        "--gpu is '%s', expected one of %s or a JSON file that describes a card%s"
            .formatted(card, labels, Spelling.hint(card, labels)));
  }
}
