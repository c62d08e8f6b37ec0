package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.research.KernelCheck;
import org.mirror4j.research.LaunchMap;
import org.mirror4j.research.Variant;
import org.mirror4j.research.cases.OperationCases;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kernels check}: holds kernels to their contracts. */
@Command(
    name = "check",
    sortOptions = false,
    customSynopsis = "mirror4j kernels check [OPTION...] [ENTRY...]",
    description = {
      "Assembles kernels for sm_75, sm_80 and sm_90, and runs every operation that launches them at"
          + " awkward sizes: under all checks, in several orders of blocks and lanes, which must"
          + " not change a bit, with approximate instructions anywhere in their bounds, against the"
          + " results of the processor.",
      "Exit code 1 if anything is wrong; a warning is told and is nothing wrong."
    })
final class KernelsCheckCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "ENTRY",
      arity = "0..*",
      description = "Kernels to check. Default: those of --kernels, else all.")
  private List<String> entries = new ArrayList<>();

  @Mixin private KernelFolder folder;

  @Option(names = "--assemble-only", description = "Run nothing.")
  private boolean assembleOnly;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() {
    Console console = output.console();
    SortedMap<String, String> refused = new TreeMap<>();
    KernelLibrary library =
        folder.library((file, e) -> refused.put(file.replace(".ptx", ""), e.getMessage()));
    if (entries.isEmpty()) {
      entries.addAll(library.own());
    }
    entries.removeAll(refused.keySet());
    KernelFolder.require(library, entries);
    refused.forEach(
        (entry, finding) ->
            tell(
                console, entry, new KernelCheck.Result(List.of(), 0, List.of(finding), List.of())));
    LaunchMap launches = LaunchMap.of(OperationCases.all());
    int wrong = refused.size();
    int kernels = refused.size() + entries.size();
    try (KernelCheck check = new KernelCheck(library, launches)) {
      for (String entry : entries) {
        KernelCheck.Result result = assembleOnly ? check.assemble(entry) : check.check(entry);
        tell(console, entry, result);
        wrong += result.findings().size();
        if (!assembleOnly && launches.cases(entry).isEmpty()) {
          console.warning(entry + ": no operation launches it, so it was assembled only");
        }
      }
    }
    console.result(
        "finished",
        JsonFiles.object().put("kernels", kernels).put("findings", wrong),
        "%d kernels, %d findings".formatted(kernels, wrong));
    return wrong == 0 ? 0 : 1;
  }

  private static void tell(Console console, String entry, KernelCheck.Result result) {
    console.result("kernel", json(entry, result), text(entry, result));
  }

  private static ObjectNode json(String entry, KernelCheck.Result result) {
    ObjectNode fields = JsonFiles.object().put("entry", entry).put("runs", result.runs());
    ArrayNode variants = fields.putArray("variants");
    for (Variant variant : result.variants()) {
      ObjectNode node = variants.addObject();
      node.put("entry", variant.entry())
          .put("architecture", variant.assembled().architecture())
          .put("registers", variant.assembled().registers())
          .put("sharedBytes", variant.assembled().sharedBytes())
          .put("spillBytes", spilled(variant));
      variant
          .occupancy()
          .ifPresent(
              occupancy ->
                  node.put("occupancy", occupancy.fraction())
                      .put("occupancyLimit", occupancy.limiter()));
    }
    ArrayNode findings = fields.putArray("findings");
    result.findings().stream().map(Failures::oneLine).forEach(findings::add);
    ArrayNode warnings = fields.putArray("warnings");
    result.warnings().stream().map(Failures::oneLine).forEach(warnings::add);
    return fields;
  }

  private static int spilled(Variant variant) {
    return variant.assembled().spillStoreBytes() + variant.assembled().spillLoadBytes();
  }

  private static String text(String entry, KernelCheck.Result result) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s: %s%n"
            .formatted(
                entry,
                result.findings().isEmpty() ? result.runs() + " runs, nothing wrong" : "WRONG"));
    for (Variant variant : result.variants()) {
      text.append(
          "  %-40s %s %4d registers %6d bytes shared %4d spilled%s%n"
              .formatted(
                  variant.entry(),
                  variant.assembled().architecture(),
                  variant.assembled().registers(),
                  variant.assembled().sharedBytes(),
                  spilled(variant),
                  variant
                      .occupancy()
                      .map(
                          o ->
                              String.format(
                                  Locale.ROOT,
                                  ", occupancy %.0f %% (%s)",
                                  100 * o.fraction(),
                                  o.limiter()))
                      .orElse("")));
    }
    result
        .findings()
        .forEach(finding -> text.append("  ").append(Failures.oneLine(finding)).append('\n'));
    for (String warning : result.warnings()) {
      text.append("  warning: ").append(Failures.oneLine(warning)).append('\n');
    }
    return text.toString();
  }
}
