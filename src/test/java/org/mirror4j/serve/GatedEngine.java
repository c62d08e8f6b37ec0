package org.mirror4j.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.mirror4j.EncodedText;

/**
 * An engine that computes a batch when it is let, and tells what it is given. The vector of a text
 * is its length and its hash; a text that begins with {@code fail} cannot be computed, {@code nan}
 * gives what is no number, {@code long} is cut.
 */
final class GatedEngine implements TextEngine {
  static final ServedModel MODEL = new ServedModel("gated", 2, 100, false, false);

  private final Semaphore gate;
  private final BlockingQueue<List<String>> begun = new LinkedBlockingQueue<>();

  /**
   * @param open whether batches are let through without {@link #let}
   */
  GatedEngine(boolean open) {
    gate = new Semaphore(open ? Integer.MAX_VALUE : 0);
  }

  static float[] vector(String text) {
    return new float[] {text.length(), text.hashCode() >> 8};
  }

  @Override
  public List<EncodedText> embed(List<String> texts) {
    begun.add(List.copyOf(texts));
    gate.acquireUninterruptibly();
    List<EncodedText> encoded = new ArrayList<>();
    for (String text : texts) {
      if (text.startsWith("fail")) {
        throw new IllegalArgumentException("the text " + text + " cannot be computed");
      }
      float[] vector = text.startsWith("nan") ? new float[] {1, Float.NaN} : vector(text);
      encoded.add(new EncodedText(text, vector, text.length(), text.startsWith("long")));
    }
    return encoded;
  }

  /** Lets a number of batches through. */
  void let(int batches) {
    gate.release(batches);
  }

  /** The texts of the next batch that is begun. */
  List<String> begun() throws InterruptedException {
    List<String> texts = begun.poll(60, TimeUnit.SECONDS);
    if (texts == null) {
      throw new AssertionError("no batch has begun");
    }
    return texts;
  }

  /** Whether a batch was begun that nobody has asked for. */
  boolean hasBegun() {
    return !begun.isEmpty();
  }
}
