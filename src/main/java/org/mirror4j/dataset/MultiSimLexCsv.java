package org.mirror4j.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.mirror4j.text.FieldSeparator;

/**
 * Multi-SimLex's two files of its authors: {@code translation.csv} with the columns {@code "ENG
 * 1"}, {@code "ENG 2"} and so on, and row by row {@code scores.csv} with {@code ENG}. They become a
 * file a language and, for the pairs of languages that Mirror-BERT reports, pairs made anew: of
 * each concept pair whose two scores differ by at most 1, the first word in one language with the
 * second in the other and the other way round, with the mean of both scores; a pair of words counts
 * once.
 */
final class MultiSimLexCsv implements SourceForm {
  private static final String WORDS = "translation.csv";
  private static final String SCORES = "scores.csv";
  private static final double MOST_APART = 1;

  private static final List<String> CROSSED =
      List.of("ENG-FRA", "ENG-CMN", "ENG-HEB", "FRA-CMN", "FRA-HEB", "CMN-HEB");

  /** The concept pairs in one language. */
  private record Language(
      String name, List<String> first, List<String> second, List<String> scores) {
    double score(int pair) {
      return Double.parseDouble(scores.get(pair));
    }
  }

  @Override
  public List<LayoutFile> read(SourceFolder folder, Consumer<String> notices) {
    List<LayoutFile> files = new ArrayList<>();
    for (Path words : folder.named(WORDS::equals)) {
      Path scores = words.resolveSibling(SCORES);
      if (!Files.isRegularFile(scores)) {
        notices.accept("%s: no %s beside it, passed over".formatted(words, SCORES));
        continue;
      }
      files.addAll(
          read(Rows.read(words, FieldSeparator.COMMA), Rows.read(scores, FieldSeparator.COMMA)));
    }
    return files;
  }

  private static List<LayoutFile> read(Rows words, Rows scores) {
    if (words.size() != scores.size()) {
      throw new IllegalArgumentException(
          "%s: %,d rows, expected %,d as in %s"
              .formatted(scores.file(), scores.size(), words.size(), words.file()));
    }
    List<Language> languages =
        words.names().stream()
            .filter(name -> name.matches("[A-Z]{3} 1"))
            .map(name -> language(name.substring(0, 3), words, scores))
            .toList();
    if (languages.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: no column as \"ENG 1\" in the first row".formatted(words.file()));
    }
    List<LayoutFile> files = new ArrayList<>();
    languages.forEach(language -> files.add(pairs(words.file(), language)));
    for (String pair : CROSSED) {
      List<Language> both =
          List.of(pair.split("-")).stream()
              .flatMap(name -> languages.stream().filter(l -> l.name().equals(name)))
              .toList();
      if (both.size() == 2) {
        files.add(crossed(words.file(), both.getFirst(), both.getLast()));
      }
    }
    return files;
  }

  private static Language language(String name, Rows words, Rows scores) {
    int first = words.column(name + " 1");
    int second = words.column(name + " 2");
    int score = scores.column(name);
    Rows texts = words.body();
    Rows numbers = scores.body();
    return new Language(
        name,
        texts.indices().mapToObj(row -> texts.text(row, first)).toList(),
        texts.indices().mapToObj(row -> texts.text(row, second)).toList(),
        numbers.indices().mapToObj(row -> numbers.number(row, score)).toList());
  }

  /** The part of speech is in neither file and in no protocol. */
  private static LayoutFile pairs(Path source, Language language) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < language.first().size(); i++) {
      lines.add(
          String.join(
              "\t",
              Integer.toString(i + 1),
              "",
              language.first().get(i),
              language.second().get(i),
              language.scores().get(i)));
    }
    return LayoutFile.of(
        "multisimlex/pairs/%s.tsv".formatted(language.name()),
        source,
        List.of("id\tpos\tword1\tword2\tscore"),
        lines);
  }

  private static LayoutFile crossed(Path source, Language a, Language b) {
    List<String> lines = new ArrayList<>();
    Set<List<String>> known = new HashSet<>();
    for (int i = 0; i < a.first().size(); i++) {
      if (Math.abs(a.score(i) - b.score(i)) > MOST_APART) {
        continue;
      }
      String score = String.format(Locale.ROOT, "%.4f", (a.score(i) + b.score(i)) / 2);
      for (List<String> words :
          List.of(
              List.of(a.first().get(i), b.second().get(i)),
              List.of(a.second().get(i), b.first().get(i)))) {
        if (known.add(words)) {
          lines.add(
              String.join("\t", Integer.toString(i + 1), "", words.get(0), words.get(1), score));
        }
      }
    }
    return LayoutFile.of(
        "multisimlex/crosslingual.RECONSTRUCTED/%s-%s.tsv".formatted(a.name(), b.name()),
        source,
        List.of("id\tpos\tword_%s\tword_%s\tscore".formatted(a.name(), b.name())),
        lines);
  }
}
