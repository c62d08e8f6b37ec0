/** mirror4j's encoders in Apache Spark. */
package org.mirror4j.spark;
