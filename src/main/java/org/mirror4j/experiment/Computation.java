package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.mirror4j.device.Precision;

/**
 * What a score was computed with, as the names of scores have it.
 *
 * @param device {@link org.mirror4j.device.Device#name}
 * @param precision label of what models were computed in
 */
record Computation(String device, String precision) {
  private static final List<String> DEVICES = List.of("cpu", "cuda", "ptx");
  private static final List<String> PRECISIONS =
      Arrays.stream(Precision.values()).map(Precision::label).toList();

  void put(ObjectNode key) {
    key.put("device", device).put("precision", precision);
  }

  /** This, then all others: those of the same device first, and of those the same precision. */
  SequencedSet<Computation> beforeOthers() {
    SequencedSet<Computation> all = new LinkedHashSet<>();
    for (String on : first(device, DEVICES)) {
      for (String in : first(precision, PRECISIONS)) {
        all.add(new Computation(on, in));
      }
    }
    return all;
  }

  private static SequencedSet<String> first(String one, List<String> all) {
    SequencedSet<String> ordered = new LinkedHashSet<>();
    ordered.add(one);
    ordered.addAll(all);
    return ordered;
  }

  /** For people: {@code on the device cpu in f32}. */
  String text() {
    return "on the device %s in %s".formatted(device, precision);
  }
}
