package org.mirror4j.bert;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The names under which checkpoints hold the parameters of {@link ParameterTable}: with or without
 * the prefix of the family, and with LayerNorm's {@code gamma} and {@code beta} in files from the
 * time before they were called weight and bias.
 */
public final class WeightNames {
  private static final List<String> PREFIXES = List.of("", "bert.", "roberta.");

  private WeightNames() {}

  /** The name under which {@code names} holds {@code parameter}, if it does. */
  public static Optional<String> find(Set<String> names, String parameter) {
    return candidates(parameter).stream().filter(names::contains).findFirst();
  }

  /** The name of {@link ParameterTable} for a name in a checkpoint: no prefix, no legacy names. */
  public static String canonical(String name) {
    for (String prefix : PREFIXES) {
      if (!prefix.isEmpty() && name.startsWith(prefix)) {
        return canonical(name.substring(prefix.length()));
      }
    }
    if (name.endsWith("LayerNorm.gamma")) {
      return name.replace("LayerNorm.gamma", "LayerNorm.weight");
    }
    if (name.endsWith("LayerNorm.beta")) {
      return name.replace("LayerNorm.beta", "LayerNorm.bias");
    }
    return name;
  }

  private static List<String> candidates(String parameter) {
    List<String> candidates = new ArrayList<>();
    for (String prefix : PREFIXES) {
      candidates.add(prefix + parameter);
      if (parameter.endsWith("LayerNorm.weight")) {
        candidates.add(prefix + parameter.replace("LayerNorm.weight", "LayerNorm.gamma"));
      } else if (parameter.endsWith("LayerNorm.bias")) {
        candidates.add(prefix + parameter.replace("LayerNorm.bias", "LayerNorm.beta"));
      }
    }
    return candidates;
  }
}
