package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.mirror4j.device.kernel.KernelContract;
import org.mirror4j.device.kernel.KernelSource;
import org.mirror4j.kernels.KernelHeader;
import org.mirror4j.kernels.LaunchMap;
import org.mirror4j.kernels.OperationCases;
import org.mirror4j.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kernels list}: the contracts. */
@Command(
    name = "list",
    customSynopsis = "mirror4j kernels list [OPTION...]",
    description =
        "Shows each kernel with formula, launch and least traffic, from its header; then each"
            + " operation of the engine with the kernels it launches, in their order.")
final class KernelsListCommand implements Runnable {
  @Mixin private KernelFolder folder;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    for (KernelSource source : folder.library().all()) {
      KernelContract contract = source.contract();
      KernelHeader header = KernelHeader.of(source);
      ObjectNode fields = Console.object().put("entry", contract.entry());
      ArrayNode storages = fields.putArray("storages");
      contract.storages().stream().map(DType::label).forEach(storages::add);
      fields
          .put("formula", header.formula())
          .put("launch", header.launch())
          .put("traffic", header.traffic());
      console.result(
          "kernel",
          fields,
          "%s  %s%n  %s%n  launch  %s%n  traffic %s%n"
              .formatted(
                  contract.entry(),
                  String.join(" ", contract.storages().stream().map(DType::label).toList()),
                  header.formula().replace("\n", System.lineSeparator() + "  "),
                  header.launch(),
                  header.traffic()));
    }
    LaunchMap.of(OperationCases.all())
        .launches()
        .forEach(
            (operation, entries) -> {
              ObjectNode fields = Console.object().put("operation", operation);
              entries.forEach(fields.putArray("launches")::add);
              console.result(
                  "operation", fields, "%-28s %s".formatted(operation, String.join(", ", entries)));
            });
  }
}
