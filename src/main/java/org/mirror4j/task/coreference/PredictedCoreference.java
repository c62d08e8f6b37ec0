package org.mirror4j.task.coreference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.objective.coreference.DocumentSpans;
import org.mirror4j.task.Logits;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;
import org.mirror4j.text.PackedBatch;

/** Documents whose chains are said. */
record PredictedCoreference(
    CoreferenceSettings settings, Genres genres, CoreferenceExamples examples)
    implements PredictedTask<DocumentSpans>, CoreferenceHead {
  @Override
  public Predictions begin() {
    return new ChainPredictions(examples);
  }

  /** The documents with the chains that follow from what the network says. */
  private static final class ChainPredictions implements Predictions {
    private final CoreferenceExamples examples;
    private final List<CoreferenceDocument> said = new ArrayList<>();

    ChainPredictions(CoreferenceExamples examples) {
      this.examples = examples;
    }

    @Override
    public void add(int[] documents, PackedBatch packed, float[] logits) {
      for (float logit : logits) {
        Logits.requireFinite(logit);
      }
      for (int document : documents) {
        said.add(examples.documents().get(document).withChains(examples.chains(document, logits)));
      }
    }

    @Override
    public byte[] file() {
      return ConllWriter.text(said).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<String> text() {
      return Optional.of(said.stream().map(ChainText::of).collect(Collectors.joining("\n")));
    }

    /**
     * A row a chain: its number, and its mentions with the words that each begins and ends with.
     */
    @Override
    public List<ObjectNode> rows() {
      List<ObjectNode> rows = new ArrayList<>();
      for (CoreferenceDocument document : said) {
        List<String> words = document.words();
        for (Chain chain : document.chains()) {
          ObjectNode row = JsonFiles.object().put("chain", chain.number());
          for (Mention mention : chain.mentions()) {
            row.withArray("mentions")
                .addObject()
                .put("first", mention.first())
                .put("last", mention.last())
                .put("text", String.join(" ", words.subList(mention.first(), mention.last() + 1)));
          }
          rows.add(row);
        }
      }
      return rows;
    }
  }
}
