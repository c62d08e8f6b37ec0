package org.mirror4j.task.relation;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.task.Figure;

/** A data set of relations: the form of its files, and how it is scored. */
interface RelationData {
  /** The task's, as it is scored by. */
  String name();

  /** What is learned, and the form of the files. */
  String description();

  /** The label that says that there is no relation. */
  String negative();

  /** How entities can be marked, the default first. */
  List<EntityMarking> markings();

  /** Whether a name can be a label. */
  boolean isLabel(String name);

  /**
   * Reads a file.
   *
   * @param annotated whether sentences have to have their relations; else these are not looked at
   * @throws RuntimeException naming file and line of what cannot be used
   */
  List<RelationExample> read(Path file, boolean annotated, Consumer<String> notices);

  /** The figures of the relations that are said of sentences, those of all without a part. */
  List<Figure> figures(List<RelationExample> sentences, List<String> said);

  /** The relations that are said of sentences, as the official scorer takes them. */
  byte[] file(List<RelationExample> sentences, List<String> said);

  /** What such a file is called. */
  String fileName();

  /** How a sentence is written at the shell, for messages. */
  String asked();

  /**
   * A sentence of the shell.
   *
   * @throws RuntimeException saying what is wrong with it
   */
  RelationExample ask(String text);
}
