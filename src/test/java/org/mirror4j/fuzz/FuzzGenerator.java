package org.mirror4j.fuzz;

import java.util.List;
import java.util.SplittableRandom;

/** Makes the input of a number: the same one for the same format in every run. */
final class FuzzGenerator {
  private final FuzzTarget target;
  private final List<FuzzInput> seeds;

  FuzzGenerator(FuzzTarget target) {
    this.target = target;
    this.seeds = target.seeds();
  }

  /** A seed, damaged in one place most often, in a few at times. */
  FuzzInput input(long number) {
    SplittableRandom random = new SplittableRandom(number);
    FuzzInput input = seeds.get(random.nextInt(seeds.size()));
    FuzzInput other = seeds.get(random.nextInt(seeds.size()));
    int times = 1;
    while (times < 6 && random.nextInt(3) == 0) {
      times++;
    }
    for (int i = 0; i < times && !input.files().isEmpty(); i++) {
      String file = input.names().get(random.nextInt(input.names().size()));
      if (input.files().size() > 1 && random.nextInt(40) == 0) {
        input = input.without(file);
        continue;
      }
      List<Mutator> mutators = target.mutators(file);
      Mutator mutator = mutators.get(random.nextInt(mutators.size()));
      input = input.with(file, mutator.mutate(input.content(file), other.content(file), random));
    }
    return input;
  }
}
