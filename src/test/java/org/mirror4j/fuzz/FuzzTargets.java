package org.mirror4j.fuzz;

import java.util.ArrayList;
import java.util.List;

/** All formats that the project reads. */
final class FuzzTargets {
  private FuzzTargets() {}

  /** In the order in which they are run. */
  static List<FuzzTarget> all() {
    List<FuzzTarget> all = new ArrayList<>();
    all.addAll(CheckpointFormats.all());
    all.addAll(WeightFormats.all());
    all.addAll(RunFormats.all());
    all.addAll(TextFormats.all());
    all.addAll(TaskFormats.all());
    all.addAll(TokenizerFormats.all());
    all.addAll(KernelFormats.all());
    return all;
  }

  static List<String> names() {
    return all().stream().map(FuzzTarget::name).toList();
  }

  /**
   * One format.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  static FuzzTarget named(String name) {
    return all().stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no format '%s', there are %s".formatted(name, names())));
  }
}
