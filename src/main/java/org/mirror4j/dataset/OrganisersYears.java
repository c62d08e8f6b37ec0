package org.mirror4j.dataset;

import static org.mirror4j.file.FileException.clean;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.mirror4j.text.FieldRow;
import org.mirror4j.text.TextLines;

/**
 * STS 2012 to 2017 as the organisers published them, and SentEval's folders {@code STS12-en-test}
 * and so on: {@code STS.input.PART.txt}, two sentences a line, and line by line their score in
 * {@code STS.gs.PART.txt}, empty where a pair has none. A year is known by its parts, whatever its
 * folder is called; the part SMT of 2013 is not free and in no protocol.
 */
final class OrganisersYears implements SourceForm {
  /** A file of the layout and the parts that it joins, in its order. */
  private record Joined(String name, List<String> parts) {
    String path() {
      return "sts/joined/" + name + ".tsv";
    }
  }

  private static final List<Joined> ALL =
      List.of(
          new Joined(
              "2012.test",
              List.of("MSRpar", "MSRvid", "SMTeuroparl", "surprise.OnWN", "surprise.SMTnews")),
          new Joined("2013.test", List.of("FNWN", "headlines", "OnWN")),
          new Joined(
              "2014.test",
              List.of("deft-forum", "deft-news", "headlines", "images", "OnWN", "tweet-news")),
          new Joined(
              "2015.test",
              List.of("answers-forums", "answers-students", "belief", "headlines", "images")),
          new Joined(
              "2016.test",
              List.of(
                  "answer-answer", "headlines", "plagiarism", "postediting", "question-question")),
          new Joined("2017.track1.ar-ar", List.of("track1.ar-ar")),
          new Joined("2017.track2.ar-en", List.of("track2.ar-en")),
          new Joined("2017.track3.es-es", List.of("track3.es-es")),
          new Joined("2017.track4a.es-en", List.of("track4a.es-en")),
          new Joined("2017.track4b.es-en", List.of("track4b.es-en")),
          new Joined("2017.track5.en-en", List.of("track5.en-en")));

  @Override
  public List<LayoutFile> read(SourceFolder folder, Consumer<String> notices) {
    List<LayoutFile> files = new ArrayList<>();
    for (Joined joined : ALL) {
      for (Path first : folder.named(isFile("input", joined.parts().getFirst()))) {
        List<Path> inputs = beside(first, joined);
        if (inputs.size() == joined.parts().size()) {
          files.add(join(folder, joined, inputs));
        } else {
          notices.accept(
              "%s: %d of the %d parts of %s, passed over"
                  .formatted(
                      first.getParent(), inputs.size(), joined.parts().size(), joined.name()));
        }
      }
    }
    return files;
  }

  private static Predicate<String> isFile(String kind, String part) {
    return name -> name.matches("STS(20\\d\\d)?\\.%s\\.\\Q%s\\E\\.txt".formatted(kind, part));
  }

  /** The inputs of a set that lie where its first one does. */
  private static List<Path> beside(Path first, Joined joined) {
    String name = first.getFileName().toString();
    String part = joined.parts().getFirst();
    return joined.parts().stream()
        .map(other -> first.resolveSibling(name.replace(part + ".txt", other + ".txt")))
        .filter(Files::isRegularFile)
        .toList();
  }

  private static LayoutFile join(SourceFolder folder, Joined joined, List<Path> inputs) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      String part = joined.parts().get(i);
      lines.addAll(pairs(inputs.get(i), scores(folder, inputs.get(i), part), part));
    }
    return LayoutFile.of(joined.path(), inputs.getFirst(), List.of(), lines);
  }

  /** The scores lie beside the sentences, or, of 2017, in a folder of their own. */
  private static Path scores(SourceFolder folder, Path input, String part) {
    String name = input.getFileName().toString().replace(".input.", ".gs.");
    Path beside = input.resolveSibling(name);
    if (Files.isRegularFile(beside)) {
      return beside;
    }
    List<Path> elsewhere = folder.named(isFile("gs", part));
    return Optional.of(elsewhere)
        .filter(found -> found.size() == 1)
        .map(List::getFirst)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s: %s, expected one %s with its scores"
                        .formatted(
                            input,
                            elsewhere.isEmpty() ? "no file beside it" : "several files of scores",
                            name)));
  }

  private static List<String> pairs(Path input, Path gold, String part) {
    List<String> sentences = TextLines.read(input, notice -> {});
    List<String> scores = TextLines.read(gold, notice -> {});
    if (sentences.size() != scores.size()) {
      throw new IllegalArgumentException(
          "%s: %,d lines, expected %,d as in %s"
              .formatted(gold, scores.size(), sentences.size(), input));
    }
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < sentences.size(); i++) {
      String score = FieldRow.trim(scores.get(i));
      if (score.isEmpty()) {
        continue;
      }
      if (!FieldRow.isNumber(score)) {
        throw new IllegalArgumentException(
            "%s:%d: \"%s\", expected a score".formatted(gold, i + 1, clean(score)));
      }
      // Further columns say where the sentences come from.
      FieldRow row = new FieldRow(i + 1, List.of(sentences.get(i).split("\t", -1)));
      Rows one = new Rows(input, List.of(row));
      pairs.add(String.join("\t", score, one.text(0, 0), one.text(0, 1), part));
    }
    return pairs;
  }
}
