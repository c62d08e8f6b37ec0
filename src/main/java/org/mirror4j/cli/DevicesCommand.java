package org.mirror4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.train.Versions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code devices}: what this machine and this build have. */
@Command(
    name = "devices",
    customSynopsis = "mirror4j devices [OPTION...]",
    description = "Shows what was found to compute with, and why the rest is not usable.")
final class DevicesCommand implements Runnable {
  private static final String NO_GPU = "not usable: this build computes on the CPU only";

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Runtime runtime = Runtime.getRuntime();
    ObjectNode found = Console.object();
    try (Device device = new HostDevice(runtime.availableProcessors())) {
      found.put("cpu", device.description());
      found.put(
          "matrix library",
          "oneDNN where it loads, else OpenBLAS; -Dmirror4j.blas=openblas in MIRROR4J_JAVA_OPTIONS"
              + " takes the other");
      found.put("memory free", Units.bytes(device.availableBytes()));
    } catch (IllegalStateException e) {
      found.put("cpu", "not usable: " + Failures.message(e));
    }
    found.put("Java heap", "up to " + Units.bytes(runtime.maxMemory()));
    found.put("cuda", NO_GPU);
    found.put("ptx", NO_GPU);
    found.put("mirror4j", Versions.mirror4j());
    found.put("Java", Runtime.version() + ", " + System.getProperty("java.vm.vendor"));
    found.put(
        "system",
        "%s %s, %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, JsonNode> entry : found.properties()) {
      text.append("%-15s %s%n".formatted(entry.getKey(), entry.getValue().textValue()));
    }
    output.console().result("devices", found, text.toString());
  }
}
