package org.mirror4j.text.block;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.text.ItemRandom;

/**
 * Documents around the current one, of which others are drawn for it, in memory that does not grow
 * with the corpus. A long document is held in parts, each of which is drawn as if it were one.
 */
final class DocumentWindow {
  /** Parts held before the current one, and as many after it. */
  private static final int PARTS = 64;

  /** Tokens from which on a document goes on in a further part. */
  private static final int PART_TOKENS = 1 << 12;

  private final List<Part> parts = new ArrayList<>();

  /** Parts that were {@link #next}; the last of them is the current one. */
  private int taken;

  private long documents;
  private List<Passage> sentences = new ArrayList<>();
  private int tokens;

  /**
   * A document or a part of it.
   *
   * @param document its number
   * @param sentences in order
   * @param isLast whether the document ends with it
   */
  record Part(long document, List<Passage> sentences, boolean isLast) {}

  /** Adds a sentence to the document that is read. */
  void add(Passage sentence) {
    // Parts end before a sentence, not after one: the last part of a document is never empty.
    if (tokens >= PART_TOKENS) {
      endPart(false);
    }
    sentences.add(sentence);
    tokens += sentence.length();
  }

  /** Ends the document that is read; one without a sentence is none. */
  void endDocument() {
    if (!sentences.isEmpty()) {
      endPart(true);
      documents++;
    }
  }

  private void endPart(boolean last) {
    parts.add(new Part(documents, List.copyOf(sentences), last));
    sentences = new ArrayList<>();
    tokens = 0;
  }

  /** Whether there are enough parts after the current one to go on to the next. */
  boolean isFull() {
    return parts.size() - taken > PARTS;
  }

  /** Goes on to the next part, which is current from there on; null if there is none. */
  Part next() {
    if (taken == parts.size()) {
      return null;
    }
    if (taken > PARTS) {
      parts.removeFirst();
      taken--;
    }
    return parts.get(taken++);
  }

  /** The sentences of a random part of another document than the current one; empty if none. */
  List<Passage> drawOther(ItemRandom random) {
    long current = parts.get(taken - 1).document();
    List<Part> others = parts.stream().filter(part -> part.document() != current).toList();
    return others.isEmpty() ? List.of() : others.get(random.below(others.size())).sentences();
  }
}
