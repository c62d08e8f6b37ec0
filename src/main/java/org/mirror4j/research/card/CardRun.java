package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.file.JsonFiles;

/** The run on a card: every part in turn, each with its time and, where it fails, the reason. */
public final class CardRun {
  /** Changes when a field of the file changes its meaning. */
  private static final int SCHEMA = 1;

  /** The parts; what cannot be made up for by another machine comes first. */
  public static final List<CardPart> PARTS =
      List.of(
          new StepParity(),
          new CaseComparison(),
          new OperationComparison(),
          new InstructionFixtures(),
          new Ceilings(),
          new EpochRate(),
          new KernelTimes());

  private CardRun() {}

  /**
   * Runs parts.
   *
   * @param parts in their order
   * @param skip names of parts that are left out
   * @param progress told each part's name before it begins, and the results so far
   * @return as {@code bench/gpu/README.md} describes; {@code failures} counts parts that failed
   */
  public static ObjectNode run(
      CardBench bench,
      List<CardPart> parts,
      Set<String> skip,
      BiConsumer<String, ObjectNode> progress) {
    long start = System.nanoTime();
    ObjectNode result = JsonFiles.object();
    result.put("schema", SCHEMA);
    try (DriverDevice device = bench.device()) {
      result.put("device", device.description());
      result.put("freeBytes", device.availableBytes());
      result.put("java", Runtime.version().toString());
      result.put("processors", Runtime.getRuntime().availableProcessors());
    }
    result.put("size", bench.size().toString());
    int failures = 0;
    for (CardPart part : parts) {
      if (skip.contains(part.name())) {
        continue;
      }
      ObjectNode measured = result.putObject(part.name());
      if (bench.late()) {
        measured.put("notRun", "the time was up");
        continue;
      }
      progress.accept(part.name(), result);
      long begin = System.nanoTime();
      try {
        part.measure(bench, measured);
      } catch (RuntimeException | LinkageError e) {
        failures++;
        measured.put("failure", e.toString());
      }
      measured.put("seconds", (System.nanoTime() - begin) * 1e-9);
    }
    result.put("failures", failures);
    result.put("seconds", (System.nanoTime() - start) * 1e-9);
    return result;
  }
}
