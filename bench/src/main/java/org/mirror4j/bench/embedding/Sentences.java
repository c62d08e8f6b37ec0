package org.mirror4j.bench.embedding;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.mirror4j.bench.contest.Checkout;
import org.mirror4j.research.LengthStatistics;
import org.mirror4j.text.Tokenizer;

/**
 * Sentences to embed.
 *
 * @param corpus what they are
 */
public record Sentences(String corpus, List<String> texts) {
  private static final Path FILE =
      Path.of("../shared/data/mirror_corpus/stsbenchmark_train_10k_sents_random_sampled.txt");

  /** The first of the STS corpus, or where it is not there random words at its lengths. */
  public static Sentences read(int count) {
    Path file = Checkout.path("").resolve(FILE).normalize();
    if (!Files.isReadable(file)) {
      return random(count);
    }
    try {
      return new Sentences(
          "STS sentences", Files.readAllLines(file).stream().limit(count).toList());
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  private static Sentences random(int count) {
    Random random = new Random(1);
    List<int[]> lengths =
        LengthStatistics.read(Checkout.path("bench/gpu/lengths/sentence.json")).items();
    List<String> texts = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.open(MiniLm.converted().directory())) {
      while (texts.size() < count) {
        List<String> words = new ArrayList<>();
        // Two of the tokens are special.
        int wanted = lengths.get(random.nextInt(lengths.size()))[0] - 2;
        while (words.size() < wanted) {
          String piece = tokenizer.token(2000 + random.nextInt(20_000));
          if (piece.chars().allMatch(c -> c >= 'a' && c <= 'z')) {
            words.add(piece);
          }
        }
        texts.add(String.join(" ", words));
      }
    }
    return new Sentences("random sentences", texts);
  }
}
