package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.research.LaunchMap;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.OperationCases;
import org.mirror4j.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kernels list}: the contracts. */
@Command(
    name = "list",
    customSynopsis = "mirror4j kernels list [OPTION...] [ENTRY...]",
    description =
        "Shows each kernel with formula, buffers and their sizes, scalars, launch and least"
            + " traffic, from its header; then each operation of the engine with the kernels it"
            + " launches, in their order, and the sizes that 'kernels profile' and 'listing' give"
            + " it.")
final class KernelsListCommand implements Runnable {
  @Parameters(
      paramLabel = "ENTRY",
      arity = "0..*",
      description = "Kernels to show, and the operations that launch them. Default: all.")
  private List<String> entries = List.of();

  @Mixin private KernelFolder folder;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    KernelLibrary library = folder.library();
    KernelFolder.require(library, entries);
    for (KernelSource source : library.all()) {
      KernelContract contract = source.contract();
      if (!isAsked(contract.entry())) {
        continue;
      }
      String launch =
          "grid %s, block %s, shared %s"
              .formatted(contract.grid(), contract.block(), contract.shared());
      ObjectNode fields = JsonFiles.object().put("entry", contract.entry());
      ArrayNode storages = fields.putArray("storages");
      contract.storages().stream().map(DType::label).forEach(storages::add);
      contract.buffers().stream().map(Object::toString).forEach(fields.putArray("buffers")::add);
      contract.scalars().stream().map(Object::toString).forEach(fields.putArray("scalars")::add);
      fields
          .put("formula", contract.formula())
          .put("launch", launch)
          .put("traffic", contract.traffic().toString());
      console.result(
          "kernel",
          fields,
          "%s  %s%n  %s%n  buffers %s%n  scalars %s%n  launch  %s%n  traffic %s%n"
              .formatted(
                  contract.entry(),
                  String.join(" ", contract.storages().stream().map(DType::label).toList()),
                  contract.formula().replace("\n", System.lineSeparator() + "  "),
                  listed(contract.buffers(), System.lineSeparator() + "          "),
                  listed(contract.scalars(), ", "),
                  launch,
                  contract.traffic()));
    }
    LaunchMap.of(OperationCases.all())
        .launches()
        .forEach(
            (operation, launched) -> {
              if (launched.stream().anyMatch(this::isAsked)) {
                tell(console, operation, launched);
              }
            });
  }

  private static String listed(List<?> things, String separator) {
    return String.join(separator, things.stream().map(Object::toString).toList());
  }

  private boolean isAsked(String entry) {
    return entries.isEmpty() || entries.contains(entry);
  }

  private static void tell(Console console, OperationCase operation, List<String> launched) {
    ObjectNode fields = JsonFiles.object().put("operation", operation.operation());
    launched.forEach(fields.putArray("launches")::add);
    ObjectNode sizes = fields.putObject("sizes");
    operation.base().values().forEach(sizes::put);
    console.result(
        "operation",
        fields,
        "%-28s %s%n%-28s   --shape %s%n"
            .formatted(operation.operation(), String.join(", ", launched), "", operation.base()));
  }
}
