package org.mirror4j.task.tagging;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.mirror4j.text.block.TokenRange;

/**
 * A span of words, as an entity is, with its type.
 *
 * <p>Tags are {@code O} outside of spans; {@code B}, {@code I}, {@code E} and {@code S} at the
 * beginning, inside, at the end and for a single word of one, with a type, as in {@code B-PER}, or
 * without. They are read as {@code conlleval} and seqeval do, whatever the scheme (IOB1, IOB2, IOE,
 * IOBES): a word goes on with the span of the word before if this is {@code B} or {@code I}, its
 * own tag {@code I} or {@code E}, and the types are equal; else a tag but {@code O} begins a span.
 */
public record TypedSpan(String type, TokenRange words) {
  /** Type of tags that have none. */
  private static final String NO_TYPE = "_";

  private static final String OUTSIDE = "O";
  private static final Pattern TAG = Pattern.compile("O|[BIES](-.+)?");

  /** Whether it is a tag. */
  static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }

  /** The spans of a sentence, in order. */
  public static List<TypedSpan> of(List<String> tags) {
    List<TypedSpan> spans = new ArrayList<>();
    int end;
    for (int start = 0; start < tags.size(); start = end) {
      end = start + 1;
      if (tags.get(start).equals(OUTSIDE)) {
        continue;
      }
      while (end < tags.size() && goesOn(tags.get(end - 1), tags.get(end))) {
        end++;
      }
      spans.add(new TypedSpan(type(tags.get(start)), new TokenRange(start, end)));
    }
    return spans;
  }

  private static boolean goesOn(String before, String tag) {
    return "BI".indexOf(before.charAt(0)) >= 0
        && "IE".indexOf(tag.charAt(0)) >= 0
        && type(before).equals(type(tag));
  }

  private static String type(String tag) {
    return tag.length() == 1 ? NO_TYPE : tag.substring(2);
  }
}
