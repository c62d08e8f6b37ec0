package org.mirror4j.research;

import java.util.List;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelSource;

/**
 * What a kernel's header says, in its words.
 *
 * @param formula lines parted by line feeds
 * @param launch grid, block, shared bytes
 * @param traffic least number of bytes that must move; S is the bytes of a storage element
 */
public record KernelHeader(String formula, String launch, String traffic) {
  private static final String FORMULA = "//   ";

  /** Reads the header. */
  public static KernelHeader of(KernelSource source) {
    List<String> lines =
        source.text().lines().takeWhile(line -> line.startsWith("//")).skip(1).toList();
    List<String> formula =
        lines.stream()
            .takeWhile(line -> line.startsWith(FORMULA))
            .map(line -> line.substring(FORMULA.length()))
            .toList();
    KernelContract contract = source.contract();
    return new KernelHeader(
        String.join("\n", formula),
        "grid %s, block %s, shared %s"
            .formatted(contract.grid(), contract.block(), contract.shared()),
        contract.traffic().toString());
  }
}
