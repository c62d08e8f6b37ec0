package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.mirror4j.file.JsonFiles;

class ModelCardTest {
  private static final ObjectNode CONFIG = JsonFiles.object().put("hidden_size", 768);

  private static ModelSettings settings(
      String pooling, Optional<String> template, Prompts prompts) {
    ObjectNode run = JsonFiles.object().put("model", "bert-base`|\nuncased").put("corpus", "w.txt");
    return new ModelSettings(
        Optional.of(pooling),
        OptionalInt.of(25),
        template,
        EmbeddingSettings.NONE.withPrompts(prompts),
        Optional.of(
            new ModelSettings.Provenance(
                "word", 42, "sha256:0f", new TreeMap<>(Map.of("java", "25")), run)));
  }

  private static String card(ModelSettings settings) {
    return new String(new ModelCard(settings, CONFIG, 768).bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void whatItWasMadeFromAndHowToLoadIt() {
    assertThat(card(settings("cls", Optional.empty(), Prompts.NONE.withDefault("q", "query: "))))
        .startsWith("---\nlibrary_name: sentence-transformers\npipeline_tag: sentence-similarity\n")
        .contains(
            "Vectors of 768 values, compared by their cosine. Pooling `cls`, at most 25 tokens, the"
                + " prompt `query: ` before each.",
            "| corpus | `w.txt` |",
            "| recipe | `word`, seed 42 |",
            "| data hash | `sha256:0f` |",
            "| java | `25` |",
            "SentenceTransformer(\"DIR\")",
            "Encoder.load(Path.of(\"DIR\"))",
            "Mirror4jEmbeddingModel.load(");
  }

  @Test
  void whatVectorsAreAndHowTheyAreCompared() {
    ModelSettings all = settings("mean", Optional.empty(), Prompts.NONE);
    for (Map.Entry<String, String> words :
        Map.of(
                "cosine", "cosine",
                "dot", "dot product",
                "euclidean", "Euclidean distance",
                "manhattan", "Manhattan distance")
            .entrySet()) {
      assertThat(card(embedding(all, 256, words.getKey())))
          .contains("Vectors of 256 values, compared by their %s. P".formatted(words.getValue()));
    }
    // More than there are leaves them all.
    assertThat(card(embedding(all, 1024, "dot"))).contains("Vectors of 768 values, ");
  }

  private static ModelSettings embedding(ModelSettings of, int dimensions, String similarity) {
    EmbeddingSettings embedding =
        new EmbeddingSettings(
            false,
            Prompts.NONE,
            false,
            OptionalInt.of(dimensions),
            Optional.of(similarity),
            JsonFiles.object());
    return new ModelSettings(
        of.pooling(), of.maxLength(), of.template(), embedding, of.provenance());
  }

  /** A name that would end the quotes, the cell or the line. */
  @Test
  void namesStayInTheirCells() {
    String card = card(settings("cls", Optional.empty(), Prompts.NONE));
    String row =
        card.lines().filter(line -> line.startsWith("| made from |")).findFirst().orElseThrow();
    assertThat(row).startsWith("| made from | `bert-base'\\|").endsWith("uncased` |");
  }

  @Test
  void whatOtherLibrariesLackIsSaid() {
    assertThat(card(settings("mean-padded", Optional.empty(), Prompts.NONE)))
        .contains("which has no mean over padding");
    assertThat(card(settings("mask", Optional.empty(), Prompts.NONE)))
        .doesNotContain("library_name")
        .contains("sentence-transformers has nothing like this pooling.");
    assertThat(card(settings("mask", Optional.of("\"{}\" means [MASK] ."), Prompts.NONE)))
        .contains(
            "each text in `\"{}\" means [MASK] .`",
            "sentence-transformers has nothing like this template.")
        .doesNotContain("SentenceTransformer(");
  }

  /** What a hub offers a model for, and no vectors. */
  @Test
  void aModelWithTheHeadOfATask() {
    ObjectNode run = JsonFiles.object().put("model", "base").put("task", "rte");
    run.put("train", "train.tsv").put("dev", "");
    ModelSettings settings =
        new ModelSettings(
            Optional.empty(),
            OptionalInt.of(128),
            Optional.of(new ModelSettings.Provenance("r", 1, "h", new TreeMap<>(), run)));
    ObjectNode config = CONFIG.deepCopy();
    config.putArray("architectures").add("XLMRobertaForSequenceClassification");
    assertThat(new String(new ModelCard(settings, config, 768).bytes(), StandardCharsets.UTF_8))
        .contains(
            "pipeline_tag: text-classification\n",
            "# A model for text classification\n",
            "with the head of `XLMRobertaForSequenceClassification`",
            "| task | `rte` |\n| trained on | `train.tsv` |\n| recipe |",
            "./mirror4j predict rte --model DIR --input FILE --output predictions\n",
            "pipeline(\"text-classification\", model=\"DIR\")")
        .doesNotContain("masked language model", "mirror4j train", "scored on");
  }

  @Test
  void aModelThatIsNoEncoderYet() {
    assertThat(card(ModelSettings.NONE))
        .contains("# A masked language model", "./mirror4j train --model DIR")
        .doesNotContain("pipeline_tag", "|");
  }
}
