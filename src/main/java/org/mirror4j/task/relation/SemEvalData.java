package org.mirror4j.task.relation;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.mirror4j.task.Figure;

/** SemEval-2010 task 8, whose entities have no types. */
final class SemEvalData implements RelationData {
  @Override
  public String name() {
    return "semeval-2010-8";
  }

  @Override
  public String description() {
    return "relations of two marked entities, SemEval's sentences";
  }

  @Override
  public String negative() {
    return SemEvalFile.OTHER;
  }

  @Override
  public List<EntityMarking> markings() {
    return List.of(EntityMarking.TEXT);
  }

  @Override
  public boolean isLabel(String name) {
    return SemEvalFile.LABELS.contains(name);
  }

  @Override
  public List<RelationExample> read(Path file, boolean annotated, Consumer<String> notices) {
    List<SemEvalSentence> sentences =
        annotated ? SemEvalFile.read(file, notices) : SemEvalFile.sentences(file, notices);
    return sentences.stream().map(SemEvalSentence::example).toList();
  }

  @Override
  public List<Figure> figures(List<RelationExample> sentences, List<String> said) {
    return SemEvalScorer.figures(
        byId(sentences, sentences.stream().map(RelationExample::relation).toList()),
        byId(sentences, said));
  }

  @Override
  public byte[] file(List<RelationExample> sentences, List<String> said) {
    return SemEvalFile.bytes(byId(sentences, said));
  }

  private static SequencedMap<String, String> byId(
      List<RelationExample> sentences, List<String> said) {
    SequencedMap<String, String> labels = new LinkedHashMap<>();
    for (int i = 0; i < said.size(); i++) {
      labels.put(sentences.get(i).id(), said.get(i));
    }
    return labels;
  }

  @Override
  public String fileName() {
    return "proposed_answer.txt";
  }

  @Override
  public String asked() {
    return "a sentence with <e1>...</e1> and then <e2>...</e2>";
  }

  @Override
  public RelationExample ask(String text) {
    return SemEvalFile.marked("the text", "0", text, "").example();
  }
}
