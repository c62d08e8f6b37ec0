package org.mirror4j.task.coreference;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A document with its chains for people to read. */
public final class ChainText {
  private ChainText() {}

  /**
   * A sentence a line, each mention in brackets with the number of its chain behind: {@code [Ann]0
   * saw [[her]0 dog]1 .} Then, after an empty line, a chain a line: {@code 0: Ann | her}. Each line
   * ends in a line feed.
   */
  public static String of(CoreferenceDocument document) {
    List<String> words = document.words();
    List<String> marked = marked(words, document.chains());
    StringBuilder text = new StringBuilder();
    int word = 0;
    for (CoreferenceDocument.Sentence sentence : document.sentences()) {
      int end = word + sentence.words().size();
      text.append(String.join(" ", marked.subList(word, end))).append('\n');
      word = end;
    }
    text.append('\n');
    for (Chain chain : document.chains()) {
      text.append(
          chain.mentions().stream()
              .sorted(Mention.TEXT_ORDER)
              .map(mention -> String.join(" ", words.subList(mention.first(), mention.last() + 1)))
              .collect(Collectors.joining(" | ", chain.number() + ": ", "\n")));
    }
    return text.toString();
  }

  private static List<String> marked(List<String> words, List<Chain> chains) {
    List<NumberedMention> all = NumberedMention.inTextOrder(chains);
    List<String> marked = new ArrayList<>(words);
    for (NumberedMention one : all) {
      marked.set(one.mention().first(), "[" + marked.get(one.mention().first()));
    }
    // What began last ends first.
    for (NumberedMention one : all.reversed()) {
      marked.set(one.mention().last(), marked.get(one.mention().last()) + "]" + one.chain());
    }
    return marked;
  }
}
