package org.mirror4j.task.relation;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.block.TokenRange;

/** TACRED, and what else has its form. */
final class TacredData implements RelationData {
  private static final Pattern MARK = Pattern.compile("<(subj|obj)(?::([^<>]+))?>|</(?:subj|obj)>");
  private static final String SUBJECT = "subj", OBJECT = "obj";

  @Override
  public String name() {
    return "tacred";
  }

  @Override
  public String description() {
    return "relations of typed entities, TACRED's JSON";
  }

  @Override
  public String negative() {
    return TacredFile.NO_RELATION;
  }

  @Override
  public List<EntityMarking> markings() {
    return List.of(
        EntityMarking.NER, EntityMarking.TEXT, EntityMarking.TEXT_NER, EntityMarking.NER_TEXT);
  }

  @Override
  public boolean isLabel(String name) {
    return TacredFile.isRelation(name);
  }

  /** A scorer does not ask where entities are, but no marking can show two of the same words. */
  @Override
  public List<RelationExample> read(Path file, boolean annotated, Consumer<String> notices) {
    List<RelationExample> sentences =
        annotated ? TacredFile.read(file) : TacredFile.sentences(file);
    for (RelationExample sentence : sentences) {
      TokenRange subject = sentence.subject();
      TokenRange object = sentence.object();
      if (subject.from() < object.to() && object.from() < subject.to()) {
        throw new FileException(
            ("%s: example %s: 'subj_start' is %d and 'subj_end' %d, 'obj_start' %d and 'obj_end'"
                    + " %d, expected entities that do not overlap")
                .formatted(
                    file,
                    quote(sentence.id()),
                    subject.from(),
                    subject.to() - 1,
                    object.from(),
                    object.to() - 1));
      }
    }
    return sentences;
  }

  @Override
  public List<Figure> figures(List<RelationExample> sentences, List<String> said) {
    return TacredScorer.figures(sentences.stream().map(RelationExample::relation).toList(), said);
  }

  @Override
  public byte[] file(List<RelationExample> sentences, List<String> said) {
    return TacredFile.bytes(said);
  }

  @Override
  public String fileName() {
    return "predictions.txt";
  }

  @Override
  public String asked() {
    return "a sentence with <subj:TYPE>...</subj> and <obj:TYPE>...</obj>";
  }

  @Override
  public RelationExample ask(String text) {
    StringBuilder plain = new StringBuilder();
    List<String> names = new ArrayList<>();
    List<String> types = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    Matcher mark = MARK.matcher(text);
    while (mark.find()) {
      mark.appendReplacement(plain, "");
      boolean opens = mark.group(1) != null;
      names.add(opens ? mark.group(1) : mark.group());
      types.add(mark.group(2) == null ? "" : mark.group(2));
      places.add(plain.length());
    }
    mark.appendTail(plain);
    boolean subjectFirst = names.equals(List.of(SUBJECT, "</subj>", OBJECT, "</obj>"));
    if (!subjectFirst && !names.equals(List.of(OBJECT, "</obj>", SUBJECT, "</subj>"))
        || plain.substring(places.get(0), places.get(1)).isBlank()
        || plain.substring(places.get(2), places.get(3)).isBlank()) {
      throw new IllegalArgumentException(
          "the text %s, expected %s in either order, round a part of it each"
              .formatted(quote(text), asked()));
    }
    TextSpan first = new TextSpan(places.get(0), places.get(1));
    TextSpan second = new TextSpan(places.get(2), places.get(3));
    return RelationExample.of(
            "0", plain.toString(), subjectFirst ? first : second, subjectFirst ? second : first)
        .withTypes(types.get(subjectFirst ? 0 : 2), types.get(subjectFirst ? 2 : 0));
  }
}
