package org.mirror4j.text.block;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tokens without special tokens around them.
 *
 * @param ids [tokens]
 * @param spans what is annotated
 */
record Passage(int[] ids, List<TokenRange> spans) {
  int length() {
    return ids.length;
  }

  /** Some of the tokens; spans that reach beyond them are cut. */
  Passage slice(int from, int to) {
    if (from == 0 && to == ids.length) {
      return this;
    }
    List<TokenRange> within = new ArrayList<>();
    for (TokenRange span : spans) {
      int start = Math.max(span.from(), from);
      int end = Math.min(span.to(), to);
      if (start < end) {
        within.add(new TokenRange(start - from, end - from));
      }
    }
    return new Passage(Arrays.copyOfRange(ids, from, to), List.copyOf(within));
  }

  /** Parts of at most {@code most} tokens, all but the last of as many; of no token none. */
  List<Passage> parts(int most) {
    List<Passage> parts = new ArrayList<>();
    for (int from = 0; from < ids.length; from += most) {
      parts.add(slice(from, Math.min(from + most, ids.length)));
    }
    return parts;
  }

  /** Passages end to end. */
  static Passage join(List<Passage> passages) {
    int[] ids = new int[passages.stream().mapToInt(Passage::length).sum()];
    List<TokenRange> spans = new ArrayList<>();
    int at = 0;
    for (Passage passage : passages) {
      System.arraycopy(passage.ids, 0, ids, at, passage.length());
      for (TokenRange span : passage.spans) {
        spans.add(span.shifted(at));
      }
      at += passage.length();
    }
    return new Passage(ids, List.copyOf(spans));
  }
}
