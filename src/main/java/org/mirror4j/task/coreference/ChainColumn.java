package org.mirror4j.task.coreference;

import static org.mirror4j.file.FileException.quote;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.text.TextException;

/**
 * Chains as the last column of CoNLL-2012 has them, word by word: {@code (3} where a mention of
 * chain 3 begins, {@code 3)} where one ends, {@code (3)} for a mention of one word, several of them
 * with or without {@code |} between, {@code -} or {@code _} for none.
 *
 * <p>As in the reference scorer the mentions of one word are taken first, then the beginnings, then
 * the ends; an end closes the mention of its chain that was opened last, and chains are in the
 * order in which they are first met.
 */
final class ChainColumn {
  private static final Pattern BRACKETS =
      Pattern.compile("(?:\\((?<one>\\d+)\\)|\\((?<open>\\d+)|(?<close>\\d+)\\))\\|?");

  private final Map<Integer, List<Mention>> chains = new LinkedHashMap<>();
  private final Map<Integer, Deque<Opening>> open = new LinkedHashMap<>();
  private int word;

  private record Opening(int word, int chain, String place) {}

  /**
   * Takes what stands at the next word.
   *
   * @param place where it stands, for messages
   * @throws TextException if it is no such column, or a mention ends that has not begun
   */
  void next(String column, String place) {
    if (!column.equals("-") && !column.equals("_")) {
      List<Integer> ones = new ArrayList<>();
      List<Integer> opened = new ArrayList<>();
      List<Integer> closed = new ArrayList<>();
      Matcher bracket = BRACKETS.matcher(column);
      while (bracket.lookingAt()) {
        add(ones, bracket.group("one"), place);
        add(opened, bracket.group("open"), place);
        add(closed, bracket.group("close"), place);
        bracket.region(bracket.end(), column.length());
      }
      if (bracket.regionStart() < column.length() || column.endsWith("|")) {
        throw new TextException(
            "%s: the coreference column is %s, expected - or chain numbers in brackets, as in"
                    .formatted(place, quote(column))
                + " (3|(12) or 3)");
      }
      ones.forEach(chain -> mentions(chain).add(new Mention(word, word)));
      opened.forEach(chain -> open(chain, place));
      closed.forEach(chain -> close(chain, place));
    }
    word++;
  }

  private static void add(List<Integer> chains, String number, String place) {
    if (number == null) {
      return;
    }
    try {
      chains.add(Integer.valueOf(number));
    } catch (NumberFormatException e) {
      throw new TextException(
          "%s: the chain number is %s, expected at most %d"
              .formatted(place, quote(number), Integer.MAX_VALUE),
          e);
    }
  }

  private List<Mention> mentions(int chain) {
    return chains.computeIfAbsent(chain, key -> new ArrayList<>());
  }

  private void open(int chain, String place) {
    mentions(chain);
    open.computeIfAbsent(chain, key -> new ArrayDeque<>()).push(new Opening(word, chain, place));
  }

  private void close(int chain, String place) {
    Deque<Opening> openings = open.getOrDefault(chain, new ArrayDeque<>());
    if (openings.isEmpty()) {
      throw new TextException(
          "%s: a mention of chain %d ends, expected one that has begun in this document"
              .formatted(place, chain));
    }
    mentions(chain).add(new Mention(openings.pop().word(), word));
  }

  /**
   * The chains after the last word.
   *
   * @throws TextException if a mention has not ended
   */
  List<Chain> chains() {
    open.values().stream()
        .flatMap(Deque::stream)
        .min(Comparator.comparingInt(Opening::word))
        .ifPresent(
            opening -> {
              throw new TextException(
                  "%s: a mention of chain %d begins, expected its end in this document"
                      .formatted(opening.place(), opening.chain()));
            });
    List<Chain> list = new ArrayList<>();
    chains.forEach((number, mentions) -> list.add(new Chain(number, mentions)));
    return list;
  }

  /**
   * The column of each word.
   *
   * @throws IllegalArgumentException if two mentions of a chain overlap and neither is within the
   *     other, which the column cannot say
   */
  static List<String> write(List<Chain> chains, int words) {
    chains.forEach(ChainColumn::requireNested);
    List<NumberedMention> all = NumberedMention.inTextOrder(chains);
    List<List<String>> columns = new ArrayList<>();
    for (int i = 0; i < words; i++) {
      columns.add(new ArrayList<>());
    }
    for (NumberedMention one : all) {
      boolean single = one.mention().width() == 1;
      columns.get(one.mention().first()).add("(" + one.chain() + (single ? ")" : ""));
    }
    // What began last ends first.
    for (NumberedMention one : all.reversed()) {
      if (one.mention().width() > 1) {
        columns.get(one.mention().last()).add(one.chain() + ")");
      }
    }
    return columns.stream().map(c -> c.isEmpty() ? "-" : String.join("|", c)).toList();
  }

  private static void requireNested(Chain chain) {
    Deque<Mention> around = new ArrayDeque<>();
    for (Mention mention : chain.mentions().stream().sorted(Mention.TEXT_ORDER).toList()) {
      while (!around.isEmpty() && around.peek().last() < mention.first()) {
        around.pop();
      }
      if (!around.isEmpty() && around.peek().last() < mention.last()) {
        throw new IllegalArgumentException(
            "chain %d has the words %d to %d and %d to %d, expected mentions apart or one within"
                    .formatted(
                        chain.number(),
                        around.peek().first(),
                        around.peek().last(),
                        mention.first(),
                        mention.last())
                + " the other: brackets of one number say no more");
      }
      around.push(mention);
    }
  }
}
