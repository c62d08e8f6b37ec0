package org.mirror4j.method.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.file.AtomicFiles;

/**
 * The vectors that a flow is trained on: of pairs of texts, or of single ones. What is known of
 * them is known before they are computed.
 */
public interface FlowVectors {
  /** Pairs, or single vectors. */
  int size();

  /** Vectors of an item: 2 for pairs, 1 for single ones. */
  int sides();

  /** Values of a vector. */
  int channels();

  /** What a run's settings say of model and texts: their names beside digests of their content. */
  ObjectNode settings();

  /**
   * The model with its flow, to be written.
   *
   * @param run the resolved settings
   * @param flow writes {@code flow.safetensors}
   */
  ModelContents contents(ObjectNode run, AtomicFiles.DirectoryWriter flow);

  /** Digest of the texts that the vectors were made of. */
  String sha256();

  /** Computes all of them, once and before any is read. */
  void compute();

  /**
   * Copies a vector. Always called by one thread at a time.
   *
   * @param epoch counts from 0
   * @param item counts from 0
   * @param side 0, or 1 for the second of a pair
   * @param offset where in {@code to} it begins
   */
  void read(int epoch, int item, int side, float[] to, int offset);
}
