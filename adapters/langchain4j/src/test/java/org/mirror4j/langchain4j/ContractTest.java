package org.mirror4j.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.mirror4j.Encoder;

/** What LangChain4j asks of every embedding model. */
class ContractTest extends AbstractEmbeddingModelIT {
  private Mirror4jEmbeddingModel heard;

  /** Anew for each test: JUnit closes what it hands to one. */
  @Override
  protected List<EmbeddingModel> models() {
    return List.of(new Mirror4jEmbeddingModel(Encoder.bundled(), "bundled"));
  }

  @Override
  protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
    heard = new Mirror4jEmbeddingModel(Encoder.bundled(), "bundled", List.of(listener));
    return heard;
  }

  @Override
  protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
    Encoder closed = Encoder.bundled();
    closed.close();
    return new Mirror4jEmbeddingModel(closed, "closed", List.of(listener));
  }

  @Override
  protected boolean supportsInputTypeParameter() {
    return false;
  }

  @Override
  protected boolean supportsDimensionsParameter() {
    return false;
  }

  @Override
  protected boolean supportsImageInput() {
    return false;
  }

  @AfterEach
  void close() {
    if (heard != null) {
      heard.close();
    }
  }
}
