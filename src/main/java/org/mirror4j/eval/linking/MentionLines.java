package org.mirror4j.eval.linking;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedSet;
import java.util.stream.Stream;

/**
 * Mentions as SapBERT's evaluation has them, a line each: {@code id||mention}, or BioSyn's {@code
 * document||place||type||mention||id}. They are taken as prepared: abbreviations written out, and
 * composite ones taken apart with {@code |} or {@code +} between their parts.
 */
public final class MentionLines {
  private static final int SHORT = 2;
  private static final int LONG = 5;

  private MentionLines() {}

  /**
   * The mentions in lines. Blank lines are passed over.
   *
   * @param file for messages
   * @throws IllegalArgumentException if a line is another; the message begins with file and line
   */
  public static List<Mention> read(Path file, List<String> lines) {
    List<Mention> mentions = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      String place = "%s:%d".formatted(file, i + 1);
      String[] fields = lines.get(i).split("\\|\\|", -1);
      boolean isLong = fields.length == LONG;
      if (!isLong && fields.length != SHORT) {
        throw new IllegalArgumentException(
            "%s: %s, expected id||mention or document||place||type||mention||id"
                .formatted(place, quote(lines.get(i))));
      }
      List<String> parts = Stream.of(fields[isLong ? 3 : 1].split("[|+]")).toList();
      SequencedSet<String> concepts = Mention.concepts(fields[isLong ? 4 : 0]);
      mentions.add(Mention.of(place, lines.get(i), parts, concepts));
    }
    return mentions;
  }
}
