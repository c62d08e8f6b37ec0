package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mirror4j.file.CsvColumns;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.search.Duplicates;
import org.mirror4j.search.Neighbours;
import org.mirror4j.search.SimilarPairs;

/** What {@code neighbours} says; lines of files are counted from 1. */
final class NeighboursOutput {
  private static final long NANOS_BETWEEN = 5_000_000_000L;

  private final Console said;
  private final Console console;
  private final PrintWriter out;
  private final double threshold;
  private final Optional<Path> file;

  /**
   * Nothing said yet.
   *
   * @param said takes results
   * @param console takes all else
   * @param out takes texts that are printed as they are
   * @param file gets what is found as a table too
   */
  NeighboursOutput(
      Console said, Console console, PrintWriter out, double threshold, Optional<Path> file) {
    this.said = said;
    this.console = console;
    this.out = out;
    this.threshold = threshold;
    this.file = file;
  }

  /** Tells now and then how many lines are compared. */
  IntConsumer progress(int of) {
    long[] told = {System.nanoTime()};
    return done -> {
      if (System.nanoTime() - told[0] >= NANOS_BETWEEN) {
        told[0] = System.nanoTime();
        if (console.json()) {
          console.event("progress", JsonFiles.object().put("compared", done).put("of", of));
        } else {
          console.notice("%,d of %,d lines compared".formatted(done, of));
        }
      }
    };
  }

  /** Rows of {@code --output} for each of the questions. */
  private static final CsvColumns NEAREST = CsvColumns.of("query", "rank", "score", "line", "text");

  private static final CsvColumns PAIRS =
      CsvColumns.of(
          "score",
          "firstLine=/first/line",
          "firstText=/first/text",
          "secondLine=/second/line",
          "secondText=/second/text");

  private static final CsvColumns DUPLICATES =
      CsvColumns.of("line", "text", "originalLine=/original/line", "originalText=/original/text");

  private static ObjectNode json(SearchedTexts there, int row) {
    return JsonFiles.object().put("line", row + 1).put("text", there.text(row));
  }

  private static String line(double score, SearchedTexts there, int row) {
    return String.format(Locale.ROOT, "%9.4f  %8d  %s", score, row + 1, there.text(row));
  }

  /** Of each question its nearest lines. */
  void nearest(SearchedTexts questions, SearchedTexts there, Neighbours found) {
    for (int question = 0; question < questions.size(); question++) {
      ObjectNode json = JsonFiles.object().put("text", questions.text(question));
      ArrayNode nearest = json.putArray("neighbours");
      StringBuilder lines = new StringBuilder(questions.text(question));
      for (int rank = 0; rank < found.count(); rank++) {
        int row = found.row(question, rank);
        double score = found.score(question, rank);
        nearest.add(json(there, row).put("score", score));
        lines.append('\n').append(line(score, there, row));
      }
      said.result("neighbours", json, lines.toString());
    }
    file.ifPresent(
        csv ->
            NEAREST.write(
                csv,
                IntStream.range(0, questions.size())
                    .boxed()
                    .flatMap(question -> nearest(questions, there, found, question))));
  }

  private static Stream<ObjectNode> nearest(
      SearchedTexts questions, SearchedTexts there, Neighbours found, int question) {
    return IntStream.range(0, found.count())
        .mapToObj(
            rank ->
                json(there, found.row(question, rank))
                    .put("query", questions.text(question))
                    .put("rank", rank + 1)
                    .put("score", found.score(question, rank)));
  }

  private static ObjectNode json(SearchedTexts there, SimilarPairs.Pair pair) {
    ObjectNode json = JsonFiles.object().put("score", pair.score());
    json.set("first", json(there, pair.first()));
    json.set("second", json(there, pair.second()));
    return json;
  }

  private static ObjectNode duplicate(SearchedTexts there, int row, int original) {
    ObjectNode json = json(there, row);
    json.set("original", json(there, original));
    return json;
  }

  /** Pairs with their cosine, and how many there are. */
  void pairs(SearchedTexts there, SimilarPairs.Found found) {
    for (SimilarPairs.Pair pair : found.pairs()) {
      said.result(
          "pair",
          json(there, pair),
          line(pair.score(), there, pair.first())
              + String.format(
                  Locale.ROOT, "\n%9s  %8d  %s", "", pair.second() + 1, there.text(pair.second())));
    }
    file.ifPresent(csv -> PAIRS.write(csv, found.pairs().stream().map(pair -> json(there, pair))));
    if (console.json()) {
      console.event(
          "finished",
          JsonFiles.object().put("pairs", found.all()).put("shown", found.pairs().size()));
    } else {
      console.notice(
          "%,d pairs of %,d lines have a cosine of at least %s%s"
              .formatted(
                  found.all(),
                  there.size(),
                  threshold,
                  found.all() > found.pairs().size()
                      ? "; the %,d most alike are shown, --most N shows more"
                          .formatted(found.pairs().size())
                      : ""));
    }
  }

  /**
   * The lines that are kept, as they are; to programs those that are not.
   *
   * @param originals as {@link Duplicates} gives them
   */
  void kept(SearchedTexts there, int[] originals) {
    int kept = 0;
    for (int row = 0; row < originals.length; row++) {
      if (originals[row] == Duplicates.KEPT) {
        kept++;
        if (!said.json()) {
          out.print(there.text(row));
          out.print('\n');
        }
      } else if (said.json()) {
        said.event("duplicate", duplicate(there, row, originals[row]));
      }
    }
    if (out.checkError()) {
      throw new FileException("standard output cannot be written");
    }
    file.ifPresent(
        csv ->
            DUPLICATES.write(
                csv,
                IntStream.range(0, originals.length)
                    .filter(row -> originals[row] != Duplicates.KEPT)
                    .mapToObj(row -> duplicate(there, row, originals[row]))));
    if (console.json()) {
      console.event(
          "finished", JsonFiles.object().put("lines", originals.length).put("kept", kept));
    } else {
      console.notice(
          "%,d of %,d lines kept: the others have a cosine of at least %s with one before them"
              .formatted(kept, originals.length, threshold));
    }
  }
}
