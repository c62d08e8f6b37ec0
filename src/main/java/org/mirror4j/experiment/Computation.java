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
 * @param earlier whether fine-tuned by the protocol before the last one, see {@link ModelStates}
 */
record Computation(String device, String precision, boolean earlier) {
  private static final List<String> DEVICES = List.of("cpu", "cuda", "ptx");
  private static final List<String> PRECISIONS =
      Arrays.stream(Precision.values()).map(Precision::label).toList();

  /** By the last protocol. */
  Computation(String device, String precision) {
    this(device, precision, false);
  }

  void put(ObjectNode key) {
    key.put("device", device).put("precision", precision);
  }

  /**
   * This, then all others: those of the last protocol first, of those the same device, and of those
   * the same precision.
   */
  SequencedSet<Computation> beforeOthers() {
    SequencedSet<Computation> all = new LinkedHashSet<>();
    for (boolean before : new boolean[] {false, true}) {
      for (String on : first(device, DEVICES)) {
        for (String in : first(precision, PRECISIONS)) {
          all.add(new Computation(on, in, before));
        }
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
    return "on the device %s in %s%s"
        .formatted(device, precision, earlier ? ", fine-tuned as an earlier version did" : "");
  }
}
