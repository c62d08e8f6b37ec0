package org.mirror4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.research.CountedLaunch;
import org.mirror4j.research.KernelProfile;

/** A profile for people, alone or beside that of the kernel whose place it takes. */
final class ProfileText {
  private ProfileText() {}

  /**
   * All of it.
   *
   * @param original the profile of the kernel of this build, where the other replaces it
   * @param gpus whose bounds are told
   */
  static String of(KernelProfile profile, Optional<KernelProfile> original, List<Gpu> gpus) {
    CountedLaunch launch = profile.launch();
    List<String> text = new ArrayList<>();
    text.add(
        "%s, storage %s, of %s at %s"
            .formatted(
                launch.entry(),
                launch.storage().label(),
                profile.operation().operation(),
                profile.sizes()));
    original.ifPresent(one -> text.add("this build's: " + about(one)));
    text.add((original.isPresent() ? "the variant's: " : "") + about(profile));
    text.add("");
    text.addAll(
        original
            .map(one -> LaunchCosts.of(one.launch(), launch, gpus))
            .orElseGet(() -> LaunchCosts.of(launch, gpus)));
    return String.join(System.lineSeparator(), text) + System.lineSeparator();
  }

  private static String about(KernelProfile profile) {
    CountedLaunch launch = profile.launch();
    return "grid %d, block %d, %s%s%s"
        .formatted(
            launch.grid(),
            launch.block(),
            launch.scalars(),
            System.lineSeparator(),
            right(profile.wrong()));
  }

  /**
   * Whether results are right.
   *
   * @param wrong where they are not, if anywhere
   */
  static String right(Optional<String> wrong) {
    return wrong
        .map("results WRONG: %s"::formatted)
        .orElse("results right: those of the processor within rounding");
  }
}
