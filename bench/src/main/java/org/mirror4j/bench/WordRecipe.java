package org.mirror4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bench.contest.Checkout;
import org.mirror4j.file.AtomicFiles;

/** The whole word recipe on a model of BERT-base's shape, by the launcher, from file to file. */
final class WordRecipe {
  private static final String CORPUS = "mirror_corpus/en_words_top_10k.txt";
  private static final String VOCABULARY = "bert-base-uncased-vocab/vocab.txt";

  private WordRecipe() {}

  /** Seconds and command; empty where the corpus or the vocabulary is not there. */
  static Optional<ObjectNode> run() throws IOException {
    Path shared = Checkout.path("../shared").normalize();
    Path corpus = shared.resolve("data").resolve(CORPUS);
    Path vocabulary = shared.resolve("models").resolve(VOCABULARY);
    if (!Files.isReadable(corpus) || !Files.isReadable(vocabulary)) {
      System.err.printf("word recipe left out: no %s or no %s%n", corpus, vocabulary);
      return Optional.empty();
    }
    Path folder = Files.createTempDirectory("word-recipe");
    try {
      String launcher = Checkout.path("mirror4j").toString();
      String model = folder.resolve("base").toString();
      Children.output(
          List.of(
              launcher,
              "init",
              "--config",
              "bert-base-uncased-shape",
              "--vocab",
              vocabulary.toString(),
              "--output",
              model));
      List<String> options = List.of("train", "--recipe", "word", "--device", "cpu");
      List<String> command = new ArrayList<>(List.of(launcher));
      command.addAll(options);
      command.addAll(
          List.of(
              "--model",
              model,
              "--corpus",
              corpus.toString(),
              "--output",
              folder.resolve("tuned").toString()));
      long start = System.nanoTime();
      Children.output(command);
      ObjectNode result = new ObjectMapper().createObjectNode();
      result.put("command", "mirror4j " + String.join(" ", options));
      result.put("corpus", corpus.getFileName().toString());
      result.put("seconds", (System.nanoTime() - start) * 1e-9);
      return Optional.of(result);
    } finally {
      AtomicFiles.deleteTree(folder);
    }
  }
}
