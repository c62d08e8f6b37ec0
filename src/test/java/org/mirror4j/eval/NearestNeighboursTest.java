package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.eval.NearestNeighbours.Neighbour;

class NearestNeighboursTest {
  private final HostDevice device = new HostDevice(1);
  private final List<List<String>> asked = new ArrayList<>();

  /** A text is an angle in degrees; longer texts have longer vectors. */
  private final MeasuredEncoder angles =
      (texts, vectors) -> {
        asked.add(texts);
        texts.stream()
            .map(
                t -> {
                  double angle = Math.toRadians(Double.parseDouble(t));
                  return new float[] {
                    (float) (t.length() * Math.cos(angle)), (float) (t.length() * Math.sin(angle))
                  };
                })
            .forEach(vectors);
      };

  @AfterEach
  void closeDevice() {
    device.close();
  }

  @Test
  void nearestFirstWithoutTheQuery() {
    SequencedMap<String, List<Neighbour>> found =
        NearestNeighbours.find(
            device,
            angles,
            List.of("10", "170", "10"),
            List.of("0", "25", "10", "90", "180", "0"),
            2);
    assertThat(asked).containsExactly(List.of("0", "25", "10", "90", "180", "170"));
    assertThat(found.keySet()).containsExactly("10", "170");
    assertThat(found.get("10")).extracting(Neighbour::text).containsExactly("0", "25");
    assertThat(found.get("170")).extracting(Neighbour::text).containsExactly("180", "90");
    // Float vectors: relative 6e-8.
    assertThat(found.get("10").getFirst().cosine())
        .isCloseTo(Math.cos(Math.toRadians(10)), within(1e-6));
  }

  @Test
  void equalOnesKeepTheOrderOfTheList() {
    MeasuredEncoder same =
        (texts, vectors) -> texts.stream().map(t -> new float[] {1, 1}).forEach(vectors);
    assertThat(
            NearestNeighbours.find(device, same, List.of("q"), List.of("c", "a", "b"), 9).get("q"))
        .containsExactly(new Neighbour("c", 1), new Neighbour("a", 1), new Neighbour("b", 1));
  }

  @Test
  void badInput() {
    assertThatThrownBy(() -> NearestNeighbours.find(device, angles, List.of("1"), List.of("2"), 0))
        .hasMessage("nearest neighbours: k is 0, expected > 0");
    assertThatThrownBy(() -> NearestNeighbours.find(device, angles, List.of("1"), List.of(), 1))
        .hasMessage("nearest neighbours: the list of texts is empty");
  }
}
