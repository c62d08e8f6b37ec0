package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.mirror4j.device.Device;

/**
 * What a task is measured on, as read from its files, and its protocol; equal data give equal
 * measurements.
 */
public interface TaskData {
  /** All texts that vectors are asked for, those that occur often as often. */
  List<String> texts();

  /** Whether these are pairs, the two texts of each one after the other. */
  default boolean arePairs() {
    return false;
  }

  /**
   * The measure of which more is a better encoder, the first that is measured; empty where none
   * says how good one is.
   */
  default Optional<Measurement.Measure> quality() {
    return Optional.empty();
  }

  /**
   * Requires of a model what it is asked for beside vectors, before anything is computed.
   *
   * @param model directory
   * @param name of the model, for messages
   * @throws org.mirror4j.file.FileException naming what is missing
   */
  default void require(Path model, String name) {}

  /** How much of the texts an encoder can read, each of them once. */
  default Coverage coverage(MeasuredEncoder encoder) {
    return encoder.coverage(List.copyOf(new LinkedHashSet<>(texts())));
  }

  /**
   * Measures an encoder.
   *
   * @param task name in the measurements
   * @param device computes what is more than a few products, as a search among many vectors
   * @throws IllegalStateException if the encoder's vectors cannot be used; the message names the
   *     text
   */
  List<Measurement> measure(String task, Device device, MeasuredEncoder encoder);
}
