package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.concurrent.Callable;
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
          + " not. 'kernels check' looks at more sizes, and at what may not be done.",
      "A kernel of --kernels that takes the place of one of this build is counted beside it."
    })
final class KernelsProfileCommand implements Callable<Integer> {
  @Mixin private ProfiledLaunch launch;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() {
    KernelProfile profile = launch.profile();
    Optional<KernelProfile> original = launch.original();
    ObjectNode json = json(profile);
    original.ifPresent(one -> json.set("original", json(one)));
    output.console().result("profile", json, ProfileText.of(profile, original));
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
}
