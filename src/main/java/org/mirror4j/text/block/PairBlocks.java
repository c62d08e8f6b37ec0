package org.mirror4j.text.block;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.mirror4j.text.Tokenizer;

/**
 * {@link BlockKind#PAIRS}. Sentences gather until they have the tokens of the pair. With a random
 * number of them as the first segment, the second is what is left of them or, and always if nothing
 * is left, sentences of another document from a random one on; then those that are left begin the
 * next pair.
 */
final class PairBlocks extends BlockBuilder {
  private final DocumentWindow window = new DocumentWindow();

  /** Sentences of the current document that are in no pair yet. */
  private final Deque<Passage> waiting = new ArrayDeque<>();

  private final List<Passage> gathered = new ArrayList<>();
  private int length;

  PairBlocks(Tokenizer tokenizer, BlockSettings settings) {
    super(tokenizer, settings, tokenizer.pairSpecialTokens());
  }

  @Override
  void add(Passage sentence) {
    for (Passage part : fitting(sentence)) {
      window.add(part);
    }
    while (window.isFull()) {
      pairs(window.next());
    }
  }

  @Override
  void endDocument() {
    window.endDocument();
  }

  @Override
  void finish() {
    for (DocumentWindow.Part part = window.next(); part != null; part = window.next()) {
      pairs(part);
    }
  }

  private void pairs(DocumentWindow.Part part) {
    waiting.addAll(part.sentences());
    while (!waiting.isEmpty()) {
      Passage sentence = waiting.remove();
      gathered.add(sentence);
      length += sentence.length();
      boolean ends = waiting.isEmpty() && part.isLast();
      if (length >= target() || ends) {
        pair();
      }
    }
  }

  private void pair() {
    int sentences = gathered.size();
    int firsts = sentences == 1 ? 1 : 1 + random().below(sentences - 1);
    boolean elsewhere = sentences == 1 || random().unit() < 0.5;
    Passage first = Passage.join(gathered.subList(0, firsts));
    List<Passage> left = List.copyOf(gathered.subList(firsts, sentences));
    List<Passage> other = elsewhere ? window.drawOther(random()) : List.of();
    gathered.clear();
    length = 0;
    if (!other.isEmpty()) {
      left.reversed().forEach(waiting::addFirst);
      emit(first, from(other, target() - first.length()), false);
    } else {
      if (elsewhere) {
        missOther();
      }
      emitFollowing(first, Passage.join(left));
    }
  }

  /** Sentences from a random one on, until there are so many tokens. */
  private Passage from(List<Passage> document, int tokens) {
    int at = random().below(document.size());
    List<Passage> sentences = new ArrayList<>();
    int count = 0;
    do {
      Passage sentence = document.get(at++);
      sentences.add(sentence);
      count += sentence.length();
    } while (count < tokens && at < document.size());
    return Passage.join(sentences);
  }

  /** One sentence alone is parted, so that it is not lost. */
  private void emitFollowing(Passage first, Passage second) {
    if (second.length() > 0) {
      emit(first, second, true);
    } else if (first.length() > 1) {
      int cut = 1 + random().below(first.length() - 1);
      emit(first.slice(0, cut), first.slice(cut, first.length()), true);
    } else {
      leaveOut(first.length());
    }
  }
}
