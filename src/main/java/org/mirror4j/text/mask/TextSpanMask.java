package org.mirror4j.text.mask;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.text.ItemRandom;
import org.mirror4j.text.TextPair;

/**
 * Random span masking, the input augmentation of Mirror-BERT (Liu et al. 2021, section 2.2).
 *
 * <p>{@link Unit#CHARS} is what the released code does, to the letter. With L the length of the
 * text in code points and k = {@code length}:
 *
 * <ol>
 *   <li>a text with L &lt;= k or L &lt; 30 stays as it is;
 *   <li>i is drawn uniformly from 0 .. L-k-1, and t is the substring i .. i+k-1;
 *   <li>the first occurrence of t is replaced by {@code " [MASK] "}, whatever the tokenizer calls
 *       its mask, and whatever white space stands around it.
 * </ol>
 *
 * It always masks the right text of the pair.
 *
 * <p>{@link Unit#WORD} is what the paper describes, on whole words: words are separated by white
 * space; a span is the shortest run of words from some word on that has at least k code points,
 * white space between its words included; one of the spans that leave at least one word of the text
 * is drawn uniformly and replaced by {@code maskToken}. The white space around it stays. A text
 * without such a span stays as it is. The left or the right text of the pair is masked, with equal
 * chances.
 *
 * @param unit what spans are made of
 * @param length k, in code points; 0 masks nothing
 * @param maskToken the tokenizer's own mask, for {@link Unit#WORD}
 */
public record TextSpanMask(Unit unit, int length, String maskToken) {
  private static final String LITERAL = " [MASK] ";
  private static final int SHORTEST = 30;

  /** What a span is made of. */
  public enum Unit {
    /** k characters, as in the released code. */
    CHARS,
    /** Whole words of at least k characters. */
    WORD
  }

  /**
   * As the class says.
   *
   * @throws IllegalArgumentException if the length is negative
   */
  public TextSpanMask {
    if (length < 0) {
      throw new IllegalArgumentException(
          "random span mask is %d characters, expected at least 0".formatted(length));
    }
  }

  /**
   * The pair with one of its texts masked; the same for the same arguments.
   *
   * @param item number of the pair in the corpus
   */
  public TextPair apply(TextPair pair, long seed, int epoch, int item) {
    if (length == 0) {
      return pair;
    }
    ItemRandom random = new ItemRandom(ItemRandom.Use.SPAN_MASK, seed, epoch, item);
    return switch (unit) {
      case CHARS -> new TextPair(pair.left(), maskCharacters(pair.right(), random));
      case WORD ->
          random.below(2) == 0
              ? new TextPair(maskWords(pair.left(), random), pair.right())
              : new TextPair(pair.left(), maskWords(pair.right(), random));
    };
  }

  private String maskCharacters(String text, ItemRandom random) {
    int characters = text.codePointCount(0, text.length());
    if (characters <= length || characters < SHORTEST) {
      return text;
    }
    int drawn = text.offsetByCodePoints(0, random.below(characters - length));
    String span = text.substring(drawn, text.offsetByCodePoints(drawn, length));
    int first = indexOf(text, span);
    return text.substring(0, first) + LITERAL + text.substring(first + span.length());
  }

  /** First occurrence in code points: never from the second half of a surrogate pair on. */
  private static int indexOf(String text, String span) {
    int at = text.indexOf(span);
    while (splitsPair(text, at) || splitsPair(text, at + span.length())) {
      at = text.indexOf(span, at + 1);
    }
    return at;
  }

  private static boolean splitsPair(String text, int at) {
    return at > 0
        && at < text.length()
        && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at));
  }

  private String maskWords(String text, ItemRandom random) {
    List<int[]> words = words(text);
    List<int[]> spans = new ArrayList<>();
    int last = 0;
    for (int first = 0; first < words.size(); first++) {
      int start = words.get(first)[0];
      last = Math.max(last, first);
      while (last < words.size() && text.codePointCount(start, words.get(last)[1]) < length) {
        last++;
      }
      boolean leavesAWord = first > 0 || last < words.size() - 1;
      if (last < words.size() && leavesAWord) {
        spans.add(new int[] {start, words.get(last)[1]});
      }
    }
    if (spans.isEmpty()) {
      return text;
    }
    int[] span = spans.get(random.below(spans.size()));
    return text.substring(0, span[0]) + maskToken + text.substring(span[1]);
  }

  /** Start and end of each word in UTF-16 units. */
  private static List<int[]> words(String text) {
    List<int[]> words = new ArrayList<>();
    int start = -1;
    int point;
    for (int i = 0; i < text.length(); i += Character.charCount(point)) {
      point = text.codePointAt(i);
      boolean space = Character.isWhitespace(point) || Character.isSpaceChar(point);
      if (space && start >= 0) {
        words.add(new int[] {start, i});
        start = -1;
      } else if (!space && start < 0) {
        start = i;
      }
    }
    if (start >= 0) {
      words.add(new int[] {start, text.length()});
    }
    return words;
  }
}
