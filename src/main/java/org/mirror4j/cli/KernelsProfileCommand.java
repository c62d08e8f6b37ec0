package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mirror4j.device.ptx.count.Gpu;
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

  @Mixin private CardOptions cards;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() {
    List<Gpu> gpus = cards.gpus();
    launch.remark(output.console());
    KernelProfile profile = launch.profile();
    Optional<KernelProfile> original = launch.original();
    ObjectNode json = json(profile, gpus);
    original.ifPresent(one -> json.set("original", json(one, gpus)));
    output.console().result("profile", json, ProfileText.of(profile, original, gpus));
    return profile.wrong().isPresent() ? 1 : 0;
  }

  private static ObjectNode json(KernelProfile profile, List<Gpu> gpus) {
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
    LaunchCosts.put(fields, launch, gpus);
    return fields;
  }
}
