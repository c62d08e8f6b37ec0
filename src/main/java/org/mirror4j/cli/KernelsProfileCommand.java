package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mirror4j.device.ptx.count.Counter;
import org.mirror4j.device.ptx.count.CounterValues;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.count.LowerBound;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.research.CountedLaunch;
import org.mirror4j.research.KernelProfile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kernels profile}: what a launch costs. */
@Command(
    name = "profile",
    sortOptions = false,
    customSynopsis = "mirror4j kernels profile ENTRY [OPTION...]",
    description = {
      "Counts one launch of a kernel: instructions, requests and sectors of global memory,"
          + " wavefronts of shared memory; beside the bytes moved the least that the header states;"
          + " and times that cards cannot stay below.",
      "Counts are exact. A lower bound is no prediction: latency, caches and overlap are not in"
          + " it.",
      "Says whether the operation's results are those of the processor; exit code 1 if they are"
          + " not. 'kernels check' looks at more sizes, and at what may not be done."
    })
final class KernelsProfileCommand implements Callable<Integer> {
  @Mixin private ProfiledLaunch launch;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() {
    KernelProfile profile = launch.profile();
    output.console().result("profile", json(profile), text(profile));
    return profile.wrong().isPresent() ? 1 : 0;
  }

  private static ObjectNode json(KernelProfile profile) {
    CountedLaunch launch = profile.launch();
    ObjectNode fields =
        JsonFiles.object()
            .put("entry", launch.entry())
            .put("storage", launch.storage().label())
            .put("operation", profile.operation().operation())
            .put("shape", profile.sizes().toString())
            .put("grid", launch.grid())
            .put("block", launch.block())
            .put("minimumBytes", launch.minimumBytes())
            .put("right", profile.wrong().isEmpty());
    profile.wrong().ifPresent(wrong -> fields.put("wrong", wrong));
    ObjectNode counters = fields.putObject("counters");
    launch.counts().byName().forEach(counters::put);
    ObjectNode bounds = fields.putObject("lowerBounds");
    for (Gpu gpu : Gpu.ALL) {
      LowerBound bound = LowerBound.of(launch.counts(), gpu);
      ObjectNode node = bounds.putObject(gpu.name());
      node.put("micros", bound.micros()).put("limiter", bound.limiter());
      bound.terms().forEach(node::put);
    }
    return fields;
  }

  private static String text(KernelProfile profile) {
    CountedLaunch launch = profile.launch();
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, storage %s, of %s at %s%n"
            .formatted(
                launch.entry(),
                launch.storage().label(),
                profile.operation().operation(),
                profile.sizes()));
    text.append(
        "grid %d, block %d, %s%n".formatted(launch.grid(), launch.block(), launch.scalars()));
    text.append(
        profile
            .wrong()
            .map("results WRONG: %s%n%n"::formatted)
            .orElse("results right: those of the processor within rounding%n%n".formatted()));
    launch.counts().byName().forEach((name, value) -> text.append(line(name, number(value))));
    CounterValues total = launch.counts().total();
    text.append('\n').append(line("minimum bytes (header)", number(launch.minimumBytes())));
    text.append(line("bytes moved / minimum", ratio(launch.counts().bytesMoved(), launch)));
    text.append(line("bytes touched / minimum", ratio(launch.counts().bytesTouched(), launch)));
    text.append(
        line(
            "sectors per load request",
            perRequest(
                total.get(Counter.GLOBAL_LOAD_SECTORS),
                total.get(Counter.GLOBAL_LOAD_IDEAL_SECTORS),
                total.get(Counter.GLOBAL_LOAD_REQUESTS))));
    text.append(
        line(
            "sectors per store request",
            perRequest(
                total.get(Counter.GLOBAL_STORE_SECTORS),
                total.get(Counter.GLOBAL_STORE_IDEAL_SECTORS),
                total.get(Counter.GLOBAL_STORE_REQUESTS))));
    text.append(line("shared bank conflicts", number(total.get(Counter.SHARED_EXCESS_WAVEFRONTS))));
    text.append("\nlower bounds\n");
    for (Gpu gpu : Gpu.ALL) {
      LowerBound bound = LowerBound.of(launch.counts(), gpu);
      text.append(
          line(
              gpu.name(),
              String.format(Locale.ROOT, "%.2f us (%s)", bound.micros(), bound.limiter())));
    }
    return text.toString();
  }

  private static String line(String name, String value) {
    return "%-34s %20s%n".formatted(name, value);
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String ratio(long bytes, CountedLaunch launch) {
    return String.format(Locale.ROOT, "%.3f", (double) bytes / launch.minimumBytes());
  }

  private static String perRequest(long sectors, long ideal, long requests) {
    return requests == 0
        ? "none"
        : String.format(
            Locale.ROOT,
            "%.2f (ideal %.2f)",
            (double) sectors / requests,
            (double) ideal / requests);
  }
}
