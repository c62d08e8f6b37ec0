package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.mirror4j.file.FileException;
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

  /**
   * Nothing said yet.
   *
   * @param said takes results
   * @param console takes all else
   * @param out takes texts that are printed as they are
   */
  NeighboursOutput(Console said, Console console, PrintWriter out, double threshold) {
    this.said = said;
    this.console = console;
    this.out = out;
    this.threshold = threshold;
  }

  /** Tells now and then how many lines are compared. */
  IntConsumer progress(int of) {
    long[] told = {System.nanoTime()};
    return done -> {
      if (System.nanoTime() - told[0] >= NANOS_BETWEEN) {
        told[0] = System.nanoTime();
        if (console.json()) {
          console.event("progress", Console.object().put("compared", done).put("of", of));
        } else {
          console.notice("%,d of %,d lines compared".formatted(done, of));
        }
      }
    };
  }

  private static ObjectNode json(SearchedTexts there, int row) {
    return Console.object().put("line", row + 1).put("text", there.text(row));
  }

  private static String line(double score, SearchedTexts there, int row) {
    return String.format(Locale.ROOT, "%9.4f  %8d  %s", score, row + 1, there.text(row));
  }

  /** Of each question its nearest lines. */
  void nearest(SearchedTexts questions, SearchedTexts there, Neighbours found) {
    for (int question = 0; question < questions.size(); question++) {
      ObjectNode json = Console.object().put("text", questions.text(question));
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
  }

  /** Pairs with their cosine, and how many there are. */
  void pairs(SearchedTexts there, SimilarPairs.Found found) {
    for (SimilarPairs.Pair pair : found.pairs()) {
      ObjectNode json = Console.object().put("score", pair.score());
      json.set("first", json(there, pair.first()));
      json.set("second", json(there, pair.second()));
      said.result(
          "pair",
          json,
          line(pair.score(), there, pair.first())
              + String.format(
                  Locale.ROOT, "\n%9s  %8d  %s", "", pair.second() + 1, there.text(pair.second())));
    }
    if (console.json()) {
      console.event(
          "finished",
          Console.object().put("pairs", found.all()).put("shown", found.pairs().size()));
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
        ObjectNode json = json(there, row);
        json.set("original", json(there, originals[row]));
        said.event("duplicate", json);
      }
    }
    if (out.checkError()) {
      throw new FileException("standard output cannot be written");
    }
    if (console.json()) {
      console.event("finished", Console.object().put("lines", originals.length).put("kept", kept));
    } else {
      console.notice(
          "%,d of %,d lines kept: the others have a cosine of at least %s with one before them"
              .formatted(kept, originals.length, threshold));
    }
  }
}
