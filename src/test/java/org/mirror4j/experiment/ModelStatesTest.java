package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.method.pretrain.PretrainingRecipe;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.classification.GlueKind;
import org.mirror4j.train.TinyRun;

/** What determines a model, in the order that names of scores on disk depend on. */
class ModelStatesTest {
  private static final Path CORPUS = Path.of("corpus.txt");
  private static final Tuning TUNING =
      new Tuning(
          Recipe.WORD,
          Optional.empty(),
          "corpus.txt",
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  @TempDir Path folder;

  private static ModelStates states(String device) {
    return new ModelStates(file -> "digest of " + file, new Computation(device, "f32"));
  }

  private static FromText text(ModelSize size, int vocabSize, int steps) {
    return new FromText(
        PretrainingRecipe.BUNDLED,
        List.of("a.txt"),
        Optional.of(size),
        Optional.of(vocabSize),
        Optional.of(JsonFiles.object().put("steps", steps)));
  }

  private static List<String> names(ObjectNode key) {
    return key.properties().stream().map(property -> property.getKey()).toList();
  }

  /** As they were before models could be pretrained: scores of then are found under these. */
  @Test
  void keysOfModelsThatAreThere() throws IOException {
    Path model = TinyRun.model(folder.resolve("tiny"), TinyRun.parameters());
    Files.writeString(model.resolve("mirror4j.json"), "{\"format\": 1, \"max_length\": 4}");
    ModelState fetched = states("host").fetched("tiny", model);
    ModelState tuned = states("host").tuned(fetched, TUNING, CORPUS, 7);
    assertThat(names(fetched.key()))
        .containsExactly("model", "device", "precision", "protocol", "says");
    assertThat(names(tuned.key()))
        .containsExactly("model", "corpus", "settings", "device", "precision", "protocol", "says");
    assertThat(tuned.key().path("model").textValue())
        .isEqualTo(fetched.key().path("model").textValue())
        .matches("[0-9a-f]{64} [0-9a-f]{64}");
    assertThat(tuned.key().path("corpus").textValue()).isEqualTo("digest of corpus.txt");
    assertThat(tuned.key().get("settings")).isEqualTo(JsonRecords.write(TUNING.settings(7)));
    assertThat(tuned.key().path("protocol").intValue()).isEqualTo(1);
    assertThat(tuned.key().path("says").toString()).isEqualTo("{\"max_length\":4}");
    assertThat(tuned.made()).containsExactly(tuned);
    assertThat(fetched.made()).isEmpty();
  }

  @Test
  void keysOfModelsFromText() {
    ModelState pretrained =
        states("host")
            .pretrained(text(ModelSize.TINY, 80, 3), Optional.empty(), files("a", "b"), 7);
    assertThat(names(pretrained.key()))
        .containsExactly(
            "size", "vocabSize", "corpus", "settings", "device", "precision", "protocol");
    assertThat(pretrained.key().path("corpus").toString())
        .isEqualTo("[\"digest of a\",\"digest of b\"]");
    ModelState tuned = states("host").tuned(pretrained, TUNING, CORPUS, 7);
    assertThat(names(tuned.key()))
        .containsExactly("model", "corpus", "settings", "device", "precision", "protocol");
    assertThat(tuned.key().get("model")).isEqualTo(pretrained.key());
    assertThat(tuned.made()).containsExactly(pretrained, tuned);
  }

  private static ModelState fineTuned(ModelState start, String task, long seed, String... files) {
    ExampleFile examples =
        new ExampleFile(
            List.of("a.tsv"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    SequencedMap<String, ExampleFile> dev = new LinkedHashMap<>();
    dev.put("dev", examples);
    ForTask row =
        new ForTask(
            task,
            examples,
            dev,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    SequencedMap<String, Path> development = new LinkedHashMap<>();
    for (String file : files) {
      development.put(file, Path.of(file));
    }
    TaskKind kind =
        GlueKind.all().stream().filter(one -> one.name().equals(task)).findFirst().orElseThrow();
    return states("host").fineTuned(start, row, kind, CORPUS, development, seed);
  }

  @Test
  void keysOfFineTunedModels() {
    ModelState pretrained =
        states("host")
            .pretrained(text(ModelSize.TINY, 80, 3), Optional.empty(), files("a", "b"), 7);
    ModelState tuned = fineTuned(pretrained, "rte", 7, "dev.tsv", "other.tsv");
    assertThat(names(tuned.key()))
        .containsExactly(
            "model", "task", "train", "dev", "settings", "device", "precision", "protocol");
    assertThat(tuned.key().get("model")).isEqualTo(pretrained.key());
    assertThat(tuned.key().path("dev").textValue()).isEqualTo("digest of dev.tsv");
    assertThat(tuned.key().path("protocol").intValue()).isEqualTo(2);
    assertThat(pretrained.key().path("protocol").intValue()).isEqualTo(1);
    assertThat(tuned.made()).containsExactly(pretrained, tuned);
    assertThat(
            Stream.of(
                    tuned,
                    fineTuned(pretrained, "rte", 8, "dev.tsv"),
                    fineTuned(pretrained, "wnli", 7, "dev.tsv"),
                    fineTuned(pretrained, "rte", 7, "other.tsv"),
                    fineTuned(
                        states("host")
                            .pretrained(
                                text(ModelSize.TINY, 80, 4), Optional.empty(), files("a"), 7),
                        "rte",
                        7,
                        "dev.tsv"))
                .map(ModelState::digest))
        .doesNotHaveDuplicates();
    assertThat(fineTuned(pretrained, "rte", 7, "dev.tsv").digest())
        .as("by the first set that is scored the step is chosen, by no other")
        .isEqualTo(tuned.digest());
  }

  /** All that makes another model makes another name, also of what is tuned from it. */
  @Test
  void whateverDiffersMakesAnotherName() {
    FromText text = text(ModelSize.TINY, 80, 3);
    List<ModelState> different =
        List.of(
            states("host").pretrained(text, Optional.empty(), files("a", "b"), 7),
            states("host").pretrained(text, Optional.empty(), files("a", "b"), 8),
            states("host").pretrained(text, Optional.empty(), files("b", "a"), 7),
            states("card").pretrained(text, Optional.empty(), files("a", "b"), 7),
            states("host")
                .pretrained(text.of(ModelSize.MINI), Optional.empty(), files("a", "b"), 7),
            states("host")
                .pretrained(text(ModelSize.TINY, 81, 3), Optional.empty(), files("a", "b"), 7),
            states("host")
                .pretrained(text(ModelSize.TINY, 80, 4), Optional.empty(), files("a", "b"), 7));
    Stream<ModelState> tuned =
        different.stream().map(state -> states("host").tuned(state, TUNING, CORPUS, 7));
    assertThat(Stream.concat(different.stream(), tuned).map(ModelState::digest))
        .doesNotHaveDuplicates();
    assertThat(states("host").pretrained(text, Optional.empty(), files("a", "b"), 7).digest())
        .isEqualTo(different.getFirst().digest());
  }

  private static List<Path> files(String... names) {
    return Stream.of(names).map(Path::of).toList();
  }
}
